import { family, field, type FieldFamily } from './define.ts';

/** RISC-V IOMMU page request: drivers/iommu/riscv/iommu-bits.h. */
// prettier-ignore
export const riscvPqFields: FieldFamily = family({
  format: 'riscv-pq',
  title: 'RISC-V IOMMU page request',
  path: 'drivers/iommu/riscv/iommu-bits.h',
  source: 'RISC-V IOMMU architecture specification',
}, [
  field('RISCV_IOMMU_PQ_HDR_PID', '31:12'),
  field('RISCV_IOMMU_PQ_HDR_PV', '32'),
  field('RISCV_IOMMU_PQ_HDR_PRIV', '33'),
  field('RISCV_IOMMU_PQ_HDR_EXEC', '34'),
  field('RISCV_IOMMU_PQ_HDR_DID', '63:40'),
  field('RISCV_IOMMU_PQ_PAYLOAD_R', '0'),
  field('RISCV_IOMMU_PQ_PAYLOAD_W', '1'),
  field('RISCV_IOMMU_PQ_PAYLOAD_L', '2'),
  field('RISCV_IOMMU_PQ_PAYLOAD_RWL_MASK', '2:0'),
  field('RISCV_IOMMU_PQ_PAYLOAD_PRGI', '11:3'),
  field('RISCV_IOMMU_PQ_PAYLOAD_ADDR', '63:12'),
]);
