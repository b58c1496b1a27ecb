import type { FieldFamily } from './define.ts';
import { amdCmdFields } from './amdCmd.ts';
import { amdControlFields } from './amdControl.ts';
import { amdDteFields } from './amdDte.ts';
import { amdEfrFields } from './amdEfr.ts';
import { amdEventFields } from './amdEvent.ts';
import { amdGaFields } from './amdGa.ts';
import { amdGcr3Fields } from './amdGcr3.ts';
import { amdIommuFields } from './amdIommu.ts';
import { amdPprFields } from './amdPpr.ts';
import { amdRegFields } from './amdReg.ts';
import { amdSmeFields } from './amdSme.ts';
import { amdv1Fields } from './amdv1.ts';
import { appleDartFields } from './appleDart.ts';
import { appleDartPteFields } from './appleDartPte.ts';
import { arm64CpuFields } from './arm64Cpu.ts';
import { arm64KvmS2Fields } from './arm64KvmS2.ts';
import { armCcaFields } from './armCca.ts';
import { armLpaeFields } from './armLpae.ts';
import { armLpaeS1Fields } from './armLpaeS1.ts';
import { armLpaeS2Fields } from './armLpaeS2.ts';
import { armV7sFields } from './armV7s.ts';
import { dmaApiFields } from './dmaApi.ts';
import { exynosFields } from './exynos.ts';
import { genericPtFeaturesFields } from './genericPtFeatures.ts';
import { ioPgtableFields } from './ioPgtable.ts';
import { iommuApiFields } from './iommuApi.ts';
import { iommufdUapiFields } from './iommufdUapi.ts';
import { ipmmuFields } from './ipmmu.ts';
import { mtkFields } from './mtk.ts';
import { omapFields } from './omap.ts';
import { riscv64Fields } from './riscv64.ts';
import { riscvCapsFields } from './riscvCaps.ts';
import { riscvCmdFields } from './riscvCmd.ts';
import { riscvCpuFields } from './riscvCpu.ts';
import { riscvDcFields } from './riscvDc.ts';
import { riscvDdteFields } from './riscvDdte.ts';
import { riscvFqFields } from './riscvFq.ts';
import { riscvMsipteFields } from './riscvMsipte.ts';
import { riscvPcFields } from './riscvPc.ts';
import { riscvPqFields } from './riscvPq.ts';
import { riscvRegFields } from './riscvReg.ts';
import { rockchipFields } from './rockchip.ts';
import { s390ZpciFields } from './s390Zpci.ts';
import { smmuv2Fields } from './smmuv2.ts';
import { smmuv3CdFields } from './smmuv3Cd.ts';
import { smmuv3CdL1Fields } from './smmuv3CdL1.ts';
import { smmuv3CmdFields } from './smmuv3Cmd.ts';
import { smmuv3EvtFields } from './smmuv3Evt.ts';
import { smmuv3PriFields } from './smmuv3Pri.ts';
import { smmuv3RegFields } from './smmuv3Reg.ts';
import { smmuv3SteFields } from './smmuv3Ste.ts';
import { smmuv3StrtabL1Fields } from './smmuv3StrtabL1.ts';
import { snpPscFields } from './snpPsc.ts';
import { snpRmpFields } from './snpRmp.ts';
import { sun50iFields } from './sun50i.ts';
import { tegra241CmdqvFields } from './tegra241Cmdqv.ts';
import { tegraSmmuFields } from './tegraSmmu.ts';
import { vfioUapiFields } from './vfioUapi.ts';
import { virtioIommuFields } from './virtioIommu.ts';
import { vsiFields } from './vsi.ts';
import { vtdFields } from './vtd.ts';
import { vtdCapFields } from './vtdCap.ts';
import { vtdContextFields } from './vtdContext.ts';
import { vtdDmarFields } from './vtdDmar.ts';
import { vtdEcapFields } from './vtdEcap.ts';
import { vtdFsFields } from './vtdFs.ts';
import { vtdPasidFields } from './vtdPasid.ts';
import { vtdPcapFields } from './vtdPcap.ts';
import { vtdQiFields } from './vtdQi.ts';
import { vtdRegFields } from './vtdReg.ts';
import { vtdRootFields } from './vtdRoot.ts';
import { vtdssFields } from './vtdss.ts';
import { x8664Fields } from './x8664.ts';
import { x86CcFields } from './x86Cc.ts';
import { x86CpuFields } from './x86Cpu.ts';

/** Every family of fields, in the order of the glossary: IOMMU formats first, then CPUs and interfaces. */
export const fieldFamilies: readonly FieldFamily[] = [
  amdv1Fields,
  x8664Fields,
  vtdssFields,
  riscv64Fields,
  genericPtFeaturesFields,
  armLpaeFields,
  armLpaeS2Fields,
  armLpaeS1Fields,
  armV7sFields,
  appleDartPteFields,
  smmuv3RegFields,
  smmuv3StrtabL1Fields,
  smmuv3SteFields,
  smmuv3CdL1Fields,
  smmuv3CdFields,
  smmuv3CmdFields,
  smmuv3EvtFields,
  smmuv3PriFields,
  tegra241CmdqvFields,
  smmuv2Fields,
  amdIommuFields,
  amdRegFields,
  amdEfrFields,
  amdEventFields,
  amdControlFields,
  amdCmdFields,
  amdPprFields,
  amdDteFields,
  amdGaFields,
  amdGcr3Fields,
  vtdFields,
  vtdFsFields,
  vtdContextFields,
  vtdRegFields,
  vtdCapFields,
  vtdEcapFields,
  vtdPcapFields,
  vtdQiFields,
  vtdPasidFields,
  vtdDmarFields,
  riscvRegFields,
  riscvCapsFields,
  riscvDdteFields,
  riscvDcFields,
  riscvPcFields,
  riscvCmdFields,
  riscvFqFields,
  riscvPqFields,
  riscvMsipteFields,
  snpRmpFields,
  snpPscFields,
  arm64CpuFields,
  arm64KvmS2Fields,
  riscvCpuFields,
  x86CpuFields,
  iommuApiFields,
  ioPgtableFields,
  dmaApiFields,
  iommufdUapiFields,
  vfioUapiFields,
  virtioIommuFields,
  s390ZpciFields,
  rockchipFields,
  sun50iFields,
  exynosFields,
  tegraSmmuFields,
  mtkFields,
  omapFields,
  ipmmuFields,
  vsiFields,
  appleDartFields,
  vtdRootFields,
  amdSmeFields,
  x86CcFields,
  armCcaFields,
];
