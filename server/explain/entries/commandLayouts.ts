import type { FieldFamily } from '../fields/define.ts';
import { riscvCmdFields } from '../fields/riscvCmd.ts';
import { smmuv3CmdFields } from '../fields/smmuv3Cmd.ts';
import { vtdQiFields } from '../fields/vtdQi.ts';
import { layoutOf, type EntryLayout } from './layout.ts';

/** Commands: the opcode decides what the other bits are. */
interface CommandKind {
  readonly name: string;
  readonly family: FieldFamily;
  readonly words: number;
  /** Highest bit of the opcode, which starts at bit 0 of word 0. */
  readonly opcodeHigh: number;
  /** What the names of the opcodes match. */
  readonly opcodes: RegExp;
  /** Name of the field that is the opcode itself; undefined where the table has none. */
  readonly opcodeField: string | undefined;
  /** What the names of the fields of an opcode begin with. */
  groupsOf(opcode: string): readonly string[];
}

const kinds: readonly CommandKind[] = [
  {
    name: 'cmd',
    family: smmuv3CmdFields,
    words: 2,
    opcodeHigh: 7,
    opcodes: /^CMDQ_OP_/,
    opcodeField: 'CMDQ_0_OP',
    groupsOf: (opcode) => {
      const kind = /^CMDQ_OP_(?:CMD_)?([A-Z]+)/.exec(opcode)?.[1] ?? '';
      return ['CMDQ_0_', `CMDQ_${kind}_`];
    },
  },
  {
    name: 'riscv-cmd',
    family: riscvCmdFields,
    words: 2,
    opcodeHigh: 6,
    opcodes: /^RISCV_IOMMU_CMD_\w+_OPCODE$/,
    opcodeField: 'RISCV_IOMMU_CMD0_OPCODE',
    groupsOf: (opcode) => {
      const kind = /^RISCV_IOMMU_CMD_([A-Z]+)_OPCODE/.exec(opcode)?.[1] ?? '';
      const common = ['RISCV_IOMMU_CMD0_OPCODE', 'RISCV_IOMMU_CMD0_FUNC'];
      return [...common, `RISCV_IOMMU_CMD0_${kind}_`, `RISCV_IOMMU_CMD1_${kind}_`];
    },
  },
  {
    name: 'qi',
    family: vtdQiFields,
    words: 2,
    opcodeHigh: 3,
    opcodes: /^QI_\w+_TYPE$/,
    opcodeField: undefined,
    groupsOf: (opcode) => {
      const kind = /^QI_(\w+)_TYPE$/.exec(opcode)?.[1] ?? '';
      const prefix = { DIOTLB: 'DEV_IOTLB', DEIOTLB: 'DEV_EIOTLB', PGRP_RESP: 'PGRP' }[kind];
      return [`QI_${prefix ?? kind}_`];
    },
  },
];

function commandLayout(kind: CommandKind): EntryLayout {
  const { name, family, words, opcodeHigh, opcodes } = kind;
  const mask = (1n << BigInt(opcodeHigh + 1)) - 1n;
  const opcodeOf = (given: readonly bigint[]): bigint => (given[0] ?? 0n) & mask;
  const known = (code: bigint): string | undefined =>
    family.entries.find((entry) => opcodes.test(entry.name) && entry.value === code)?.name;
  const withGroups = (groups: readonly string[], summary: string): EntryLayout => {
    const wanted = family.entries.filter(
      (entry) => opcodes.test(entry.name) || groups.some((group) => entry.name.startsWith(group)),
    );
    const layout = layoutOf(
      { ...family, prefixes: [...groups, `CMDQ_0_`, 'RISCV_IOMMU_CMD0_'], entries: wanted },
      { name, words, kinds: ['field', 'accessor'], summary: () => summary },
    );
    const type = { name: 'TYPE', word: 0, high: opcodeHigh, low: 0, text: 'what the command does', codes: new Map<bigint, string>(), addressShift: undefined }; // prettier-ignore
    return kind.opcodeField === undefined ? { ...layout, fields: [...layout.fields, type] } : layout; // prettier-ignore
  };
  return {
    ...withGroups([], ''),
    refined: (given) => {
      const code = opcodeOf(given);
      const opcode = known(code);
      if (opcode === undefined) return withGroups([kind.opcodeField ?? ' '], `opcode 0x${code.toString(16)}, unknown`); // prettier-ignore
      const text = family.entries.find((entry) => entry.name === opcode)?.text ?? '';
      return withGroups(
        kind.groupsOf(opcode),
        `${opcode.replace(/_(?:OPCODE|TYPE)$/, '')}: ${text}`,
      );
    },
  };
}

/** Commands of the SMMU, of RISC-V and of VT-d (16-byte descriptors, or the first half of 32-byte ones). */
export const commandLayouts: readonly EntryLayout[] = kinds.map(commandLayout);
