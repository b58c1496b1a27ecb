import { PT_FEAT } from '../../fmt/features.ts';
import { BUILDS, supportedFeatures } from '../../fmt/builds.ts';
import { AMDV1_ENCRYPT_TABLES, AMDV1_FORCE_COHERENCE } from '../../fmt/amdv1.ts';
import { layoutProblem, opsProblems } from '../../core/iommuptDriver.ts';
import { pageState } from '../../mem/physMem.ts';
import type { Claim } from '../../check/violation.ts';
import { writeContexts } from '../../world/contexts.ts';
import { attachDevice, type AttachManner } from '../../world/attach.ts';
import type { Device } from '../../world/device.ts';
import { makeSpace } from '../../world/makeSpace.ts';
import type { Arch, DriverFaults, Space } from '../../world/space.ts';
import { note } from '../../world/trace.ts';
import { deviceOf, gives, pagesOf, type Execute } from './step.ts';

/** Features by the names that scenarios use: those of PT_FEAT_*, and of formats. */
const FEATURES: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(PT_FEAT).map(([name, bit]) => [name, bit])),
  AMDV1_ENCRYPT_TABLES,
  AMDV1_FORCE_COHERENCE,
};

const DRIVER_FAULTS: Readonly<Record<string, keyof DriverFaults>> = {
  'skip-flush': 'skipFlush',
  'leaf-only': 'leafOnly',
  'free-first': 'freeFirst',
  'short-range': 'shortRange',
  'skip-sync': 'skipSync',
  'atc-first': 'atcFirst',
  'late-top': 'lateTop',
};

/** Second-stage tables by their format; the others belong to the first stage. */
const SECOND_STAGE = new Set(['amdv1', 'vtdss', 'arm_64_lpae_s2']);

/** Formats that each IOMMU walks. */
const WALKED: Readonly<Record<Arch, readonly string[]>> = {
  amd: ['amdv1', 'x86_64'],
  vtd: ['vtdss', 'x86_64'],
  smmuv3: ['arm_64_lpae_s1', 'arm_64_lpae_s2'],
  riscv: ['riscv_64'],
};

/** `table`. */
export const table: Execute = (world, args) => {
  const format = args.name('format');
  if (world.spaces.has(args.name('name'))) {
    return { problem: `there is a table ${args.name('name')} already` };
  }
  const walked = WALKED[args.name('arch') as Arch];
  const isOthers = Object.values(WALKED).some((formats) => formats.includes(format));
  if (isOthers && !walked.includes(format)) {
    return { problem: `this IOMMU walks ${walked.join(' and ')}, not ${format}` };
  }
  const names = (args.text('features') ?? '').split(' ').filter((name) => name !== '');
  const unknown = names.find((name) => FEATURES[name] === undefined);
  if (unknown !== undefined) return { problem: `there is no feature ${unknown}` };
  const features = names.reduce((bits, name) => bits | (1 << FEATURES[name]!), 0) >>> 0;
  const mode = args.text('kernel') === 'debug' ? 'debug' : 'release';
  const walks =
    world.mem.pending !== null && names.includes('DMA_INCOHERENT') ? 'incoherent' : 'coherent';
  const made = makeSpace(world, {
    name: args.name('name'),
    arch: args.name('arch') as Arch,
    format,
    stage: SECOND_STAGE.has(format) ? 'second' : 'first',
    id: args.count('id', 1),
    features,
    vaszLg2: args.count('bits', 48),
    topLevel: args.count('levels', 4) - 1,
    walks,
    cachesNegative: args.flag('caches-negative'),
    mode,
    profile: args.text('profile') === 'intended' ? 'intended' : '7.3',
    faults: Object.fromEntries(args.words('driver').map((name) => [DRIVER_FAULTS[name]!, true])),
  });
  if ('problem' in made) {
    note(world.trace, 'cpu', `${args.name('name')}: ${made.problem}`);
    return gives(made.problem);
  }
  const top = made.space.top();
  note(
    world.trace,
    'cpu',
    `${args.name('name')} is a table of format ${format} with ${top.level + 1} levels`,
  );
  const build = BUILDS[format];
  const beyond = build === undefined ? 0 : (features & ~supportedFeatures(build, 'release')) >>> 0;
  const claims: Claim[] =
    beyond === 0
      ? []
      : [
          {
            kind: 'unsupported-feature',
            what: `feature bits 0x${beyond.toString(16)} are not in a release build of ${format}`,
          },
        ];
  return { results: ['ok'], claims };
};

/** `device`. */
export const device: Execute = (world, args) => {
  const find = (name: string): string | undefined => {
    const wanted = args.text(name);
    return wanted !== undefined && !world.spaces.has(wanted) ? wanted : undefined;
  };
  const missing = find('first') ?? find('second');
  if (missing !== undefined) return { problem: `there is no table ${missing}` };
  const arch = args.name('arch') as Arch;
  if (world.devices.has(args.name('name'))) {
    return { problem: `there is a device ${args.name('name')} already` };
  }
  const first = args.text('first');
  const second = args.text('second');
  const requester = args.count('requester', 3);
  const pasid = args.count('pasid', -1);
  const guest = args.count('guest', -1);
  const contextRoot = writeContexts(world, arch, {
    requester,
    pasid: pasid < 0 ? undefined : pasid,
    first: first === undefined ? undefined : world.spaces.get(first),
    second: second === undefined ? undefined : world.spaces.get(second),
    ats: args.flag('ats'),
    stall: args.flag('stall'),
  });
  const made: Device = {
    name: args.name('name'),
    arch,
    requester,
    pasid: pasid < 0 ? undefined : pasid,
    first,
    second,
    ats: args.flag('ats'),
    stall: args.flag('stall'),
    trustedBy: guest < 0 ? undefined : guest,
    contextRoot,
  };
  world.devices.set(made.name, made);
  const through = [first, second].filter((name) => name !== undefined).join(', then ');
  const trust = made.trustedBy === undefined ? 'T=0' : `T=1, guest ${made.trustedBy}`;
  note(
    world.trace,
    'cpu',
    `${made.name} translates through ${through === '' ? 'nothing' : through} (${trust})`,
  );
  return gives('ok');
};

/** `attach`. */
export const attach: Execute = (world, args) => {
  const device = deviceOf(world, args.name('device'));
  if ('problem' in device) return device;
  const [first, second] = [args.text('first'), args.text('second')];
  const missing = [first, second].find((name) => name !== undefined && !world.spaces.has(name));
  if (missing !== undefined) return { problem: `there is no table ${missing}` };
  const spaceNamed = (name: string | undefined): Space | undefined =>
    name === undefined ? undefined : world.spaces.get(name);
  const to = { first: spaceNamed(first), second: spaceNamed(second) };
  attachDevice(world, device, to, (args.text('how') ?? 'context-only') as AttachManner);
  return gives('ok');
};

/** `check-driver`. */
export const checkDriver: Execute = (world, args) => {
  const toBytes = ({ pfn, offset }: { pfn: number; offset: number }): number => pfn * 4096 + offset;
  const layout = { ptDomain: toBytes(args.at('pt-domain')), domain: toBytes(args.at('domain')) };
  const ops = args.name('ops').split(' ');
  const problem = layoutProblem(layout);
  const found = [...(problem === undefined ? [] : [problem]), ...opsProblems(ops)];
  const results = found.length === 0 ? ['ok'] : found;
  for (const what of results) note(world.trace, 'cpu', what);
  return gives(...results);
};

/** `memory`. */
export const memory: Execute = (world, args) => {
  const { pfn } = args.at('at');
  const use = args.name('use') === 'mmio' ? 'mmio' : 'ram';
  for (let page = pfn; page < pfn + pagesOf(args.at('length')); page++)
    pageState(world.mem, page).use = use;
  return gives('ok');
};
