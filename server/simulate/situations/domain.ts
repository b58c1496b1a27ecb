import type { Unit } from '../../cfront/unit.ts';
import type { StructView } from '../machine/fields.ts';
import { Stop } from '../machine/stop.ts';
import { DOMAIN_DRIVER_OPS } from '../kernel/domainDriver.ts';
import { ENCRYPTION_MASK } from './encryption.ts';
import type { ObjectPool } from './objects.ts';
import type { Probe, TableTop } from './probe.ts';
import type { GenericFormat, TableSpec } from './spec.ts';

/** What a format's init is asked for. Features are expressions of the format's own unit. */
interface Setup {
  readonly file: string;
  readonly features: string;
  readonly incoherent?: string;
  readonly inputBits: number;
  readonly outputBits: number;
  /** The member that says how many levels there are, and its value. */
  readonly levels: Readonly<Record<string, number>>;
}

const FOLDER = 'drivers/iommu/generic_pt/fmt';

/** As the drivers of these IOMMUs set their tables up (drivers/iommu/{amd,intel,riscv}/iommu.c). */
const SETUPS: Readonly<Record<GenericFormat, Setup>> = {
  amdv1: {
    file: `${FOLDER}/iommu_amdv1.c`,
    features:
      'BIT(PT_FEAT_DYNAMIC_TOP) | BIT(PT_FEAT_FLUSH_RANGE) | BIT(PT_FEAT_AMDV1_ENCRYPT_TABLES) | BIT(PT_FEAT_AMDV1_FORCE_COHERENCE)',
    ...{ inputBits: 64, outputBits: 52, levels: { starting_level: 2 } },
  },
  vtdss: {
    file: `${FOLDER}/iommu_vtdss.c`,
    features: 'BIT(PT_FEAT_FLUSH_RANGE)',
    incoherent: 'BIT(PT_FEAT_DMA_INCOHERENT)',
    ...{ inputBits: 48, outputBits: 52, levels: { top_level: 3 } },
  },
  x86_64: {
    file: `${FOLDER}/iommu_x86_64.c`,
    features: 'BIT(PT_FEAT_FLUSH_RANGE)',
    incoherent: 'BIT(PT_FEAT_DMA_INCOHERENT)',
    ...{ inputBits: 48, outputBits: 52, levels: { top_level: 3 } },
  },
  riscv_64: {
    file: `${FOLDER}/iommu_riscv64.c`,
    features: 'BIT(PT_FEAT_FLUSH_RANGE)',
    ...{ inputBits: 48, outputBits: 56, levels: { top_level: 3 } },
  },
};

/** The file whose unit knows a format. */
export function tableFile(format: GenericFormat): string {
  return SETUPS[format].file;
}

/**
 * A paging domain over a table that the tree's own init makes; the driver around it only records.
 * Undefined, with a problem, where the tree has no such table.
 */
export function makeDomain(
  pool: ObjectPool,
  spec: TableSpec & { readonly format: GenericFormat },
  name: string,
): Probe | undefined {
  const { machine } = pool;
  const tag = `pt_iommu_${spec.format}`;
  const setup = SETUPS[spec.format];
  const unit = machine.program.all.find(({ path }) => path === setup.file);
  if (unit === undefined) {
    pool.problem(setup.file, `this tree has no ${setup.file}`, undefined);
    return undefined;
  }
  const encryptionMask = spec.memoryEncryption === true ? ENCRYPTION_MASK : 0n;
  const table = pool.make(tag);
  const config = pool.make(`${tag}_cfg`);
  const driver = pool.make('pt_iommu_driver_ops');
  if (table === undefined || config === undefined || driver === undefined) return undefined;
  const incoherent = spec.incoherent === true ? setup.incoherent : undefined;
  const features = [setup.features, incoherent].filter((text) => text !== undefined).join(' | ');
  config.set('common.features', valueOf(pool, unit, features));
  config.set('common.hw_max_vasz_lg2', setup.inputBits);
  config.set('common.hw_max_oasz_lg2', setup.outputBits);
  for (const [member, level] of Object.entries(setup.levels)) {
    pool.set(`${tag}_cfg`, config, member, level);
  }
  driver.set('change_top', functionPointer(pool, 'domain driver: change_top'));
  driver.set('get_top_lock', functionPointer(pool, 'domain driver: get_top_lock'));
  table.set('iommu.driver_ops', driver.address);
  table.set('iommu.iommu_device', pool.device());
  table.set('iommu.nid', -1);
  const result = machine.call(`${tag}_init`, [table.address, config.address, 0]);
  if (result !== 0) throw new Stop('bug', `${tag}_init() of the situation returns ${result}`);
  makeOps(pool, unit, spec.format, table.address);
  pool.stand('iommu_domain', table.address);
  return {
    ...{ name, format: spec.format, domain: table.address, encryptionMask },
    ...{ incoherent: () => incoherent !== undefined, flushes: 'recorded' as const },
    top: () => topOf(pool, tag, table),
  };
}

function functionPointer({ machine }: ObjectPool, name: string): number {
  return machine.addressOfFunction(machine.callableNamed(name));
}

function valueOf({ machine }: ObjectPool, unit: Unit, text: string): bigint {
  const value = machine.evaluate(text, unit);
  if (value === undefined) throw new Stop('not-parsed', `${unit.path} cannot evaluate ${text}`);
  return BigInt(value);
}

/** The domain's ops: what the format's own macro gives, and the recording driver for the rest. */
function makeOps(pool: ObjectPool, unit: Unit, format: GenericFormat, domain: number): void {
  const { machine } = pool;
  const ops = pool.make('iommu_domain_ops')!;
  const target = `*(struct iommu_domain_ops *)${BigInt.asUintN(64, BigInt(ops.address))}UL`;
  const made = `(struct iommu_domain_ops){ IOMMU_PT_DOMAIN_OPS(${format}) }`;
  machine.evaluate(`((void)(${target} = ${made}), 0)`, unit);
  for (const member of DOMAIN_DRIVER_OPS) {
    if (ops.has(member)) ops.set(member, functionPointer(pool, `domain driver: ${member}`));
  }
  pool.view('iommu_domain', domain)!.set('ops', ops.address);
}

/** The top of a table is a pointer with the level in its low bits, in the part every format embeds. */
export function topOf(pool: ObjectPool, tag: string, table: StructView): TableTop {
  const members = pool.unitOf(tag)?.aggregate(tag)?.layout?.members ?? [];
  const holder = members.find(({ name }) => name !== undefined && table.has(`${name}.common`));
  if (holder === undefined) throw new Stop('not-parsed', `struct ${tag} has no common part`);
  const top = BigInt.asUintN(64, BigInt(table.get(`${holder.name}.common.top_of_table`)!));
  const physical = Number(BigInt.asIntN(64, top & ~7n)) - pool.machine.directMap;
  return { physical, level: Number(top & 7n) };
}
