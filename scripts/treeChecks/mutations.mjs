// Mutations of a tree's page-table C: the vectors must notice each one, on every format where it makes a difference.
import fs from 'node:fs';
import path from 'node:path';
import { load, sha256, treeSource } from './support.mjs';

const PT = 'drivers/iommu/generic_pt';
const ARM = 'drivers/iommu/io-pgtable-arm.c';

const swap = (a, b) => (text) => text.replace(a, '@@').replace(b, a).replace('@@', b);
const replace = (from, to) => (text) => text.replace(from, to);

const FLUSH = replace(/flush_writes_range\(&pts, start_index, pts\.index\);/, ';');
const CLEAR = replace(
  /pt_clear_entries\(&pts, num_contig_lg2\);/,
  'pt_clear_entries(&pts, num_contig_lg2 ? num_contig_lg2 - 1 : 0);',
);

const MUTATIONS = [
  [
    'swap two masks',
    'amdv1',
    `${PT}/fmt/amdv1.h`,
    swap('AMDV1PT_FMT_IR = BIT_ULL(61)', 'AMDV1PT_FMT_IR = BIT_ULL(62)'),
  ],
  [
    'swap two masks',
    'amdv1_mock',
    `${PT}/fmt/amdv1.h`,
    replace('AMDV1PT_FMT_IR = BIT_ULL(61)', 'AMDV1PT_FMT_IR = BIT_ULL(62)'),
  ],
  [
    'swap two masks',
    'x86_64',
    `${PT}/fmt/x86_64.h`,
    replace('X86_64_FMT_RW = BIT(1)', 'X86_64_FMT_RW = BIT(2)'),
  ],
  [
    'swap two masks',
    'vtdss',
    `${PT}/fmt/vtdss.h`,
    replace('VTDSS_FMT_R = BIT(0)', 'VTDSS_FMT_R = BIT(1)'),
  ],
  [
    'swap two masks',
    'riscv_64',
    `${PT}/fmt/riscv.h`,
    replace('RISCVPT_R = BIT(1)', 'RISCVPT_R = BIT(2)'),
  ],
  [
    'swap two masks',
    'arm_64_lpae_s1',
    ARM,
    replace(/(AP_UNPRIV\s+\(\(\(arm_lpae_iopte\)1\) << )6/, '$17'),
  ],
  ['swap two masks', 'arm_64_lpae_s2', ARM, replace(/(HAP_READ\s+\(\(\(arm_lpae_iopte\))1/, '$12')],
  ['swap two masks', 'arm_mali_lpae', ARM, replace(/(HAP_READ\s+\(\(\(arm_lpae_iopte\))1/, '$12')],
  [
    'drop the MMIO test',
    'amdv1',
    `${PT}/fmt/amdv1.h`,
    replace(/ &&\s*!\(iommu_prot & IOMMU_MMIO\)/, ''),
  ],
  [
    'drop the MMIO test',
    'x86_64',
    `${PT}/fmt/x86_64.h`,
    replace(/ &&\s*!\(iommu_prot & IOMMU_MMIO\)/, ''),
  ],
  [
    'drop the MMIO test',
    'riscv_64',
    `${PT}/fmt/riscv.h`,
    replace('if (iommu_prot & IOMMU_MMIO)', 'if (0)'),
  ],
  [
    'drop the MMIO test',
    'arm_64_lpae_s1',
    ARM,
    replace(
      /if \(prot & IOMMU_MMIO\)\s*pte \|= \(ARM_LPAE_MAIR_ATTR_IDX_DEV/,
      'if (0)\n pte |= (ARM_LPAE_MAIR_ATTR_IDX_DEV',
    ),
  ],
  [
    'next level + 1',
    'amdv1',
    `${PT}/fmt/amdv1.h`,
    replace(
      'FIELD_PREP(AMDV1PT_FMT_NEXT_LEVEL, pts->level)',
      'FIELD_PREP(AMDV1PT_FMT_NEXT_LEVEL, pts->level + 1)',
    ),
  ],
  [
    'next level + 1',
    'amdv1_mock',
    `${PT}/fmt/amdv1.h`,
    replace(
      'FIELD_PREP(AMDV1PT_FMT_NEXT_LEVEL, pts->level)',
      'FIELD_PREP(AMDV1PT_FMT_NEXT_LEVEL, pts->level + 1)',
    ),
  ],
  ['clear one entry too few', 'amdv1', `${PT}/iommu_pt.h`, CLEAR],
  ['clear one entry too few', 'amdv1_mock', `${PT}/iommu_pt.h`, CLEAR],
  ['clear one entry too few', 'riscv_64', `${PT}/iommu_pt.h`, CLEAR],
  ['flush dropped', 'x86_64', `${PT}/iommu_pt.h`, FLUSH],
  ['flush dropped', 'vtdss', `${PT}/iommu_pt.h`, FLUSH],
  [
    'flush dropped',
    'arm_64_lpae_s1',
    ARM,
    replace(/(__arm_lpae_sync_pte\(ptep, num_entries, cfg\);)/, ';'),
  ],
];

/** Runs the vectors of a format on mutated C until one differs. */
async function firstFailure(tree, vectors, format, file, mutate) {
  const { TreeReplay } = await load('simulate/conformance/treeReplay.js');
  const { readVectorFile } = await load('model/scenario/vectorFile.js');
  const { failureLines } = await load('model/scenario/failureText.js');
  const source = treeSource(tree, new Map([[file, mutate]]));
  if (source.read(file) === treeSource(tree).read(file)) return 'the mutation changes nothing';
  const replay = new TreeReplay({ source, sha256, now: () => performance.now() });
  const text = fs.readFileSync(path.join(vectors, `${format}.json`), 'utf8');
  let caught;
  for (const vector of readVectorFile(JSON.parse(text)).cases) {
    const outcome = replay.replay(vector);
    if (outcome.kind !== 'failed') continue;
    const withEntry = outcome.failed.find(({ differences }) =>
      differences.some((d) => d.kind === 'entry'),
    );
    const step = withEntry ?? outcome.failed[0];
    caught = failureLines(`${format}.json`, vector.id, step);
    // A dropped flush changes no entry: its event is the difference.
    if (
      withEntry !== undefined ||
      outcome.failed[0].differences.some((d) => d.field?.startsWith('events'))
    )
      break;
  }
  return caught ?? 'not caught';
}

export async function checkMutations(tree, vectors) {
  const results = [];
  for (const [what, format, file, mutate] of MUTATIONS) {
    const found = await firstFailure(tree, vectors, format, file, mutate);
    const caught = Array.isArray(found);
    const shown = caught
      ? found
          .slice(0, 3)
          .map((line) => `\n    ${line}`)
          .join('')
      : ` ${found}`;
    results.push({ name: `${what}, ${format}:${shown}`, wrong: caught ? 0 : 1 });
  }
  return results;
}
