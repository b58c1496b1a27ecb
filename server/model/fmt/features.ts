import { cited } from './source.ts';

const COMMON_H = 'include/linux/generic_pt/common.h';

/** Bit positions of table features. Kernel: enum pt_features. */
export const PT_FEAT: {
  readonly DMA_INCOHERENT: number;
  readonly FULL_VA: number;
  readonly DYNAMIC_TOP: number;
  readonly SIGN_EXTEND: number;
  readonly FLUSH_RANGE: number;
  readonly FLUSH_RANGE_NO_GAPS: number;
  readonly DETAILED_GATHER: number;
  /** First bit whose meaning the format defines. */
  readonly FMT_START: number;
} = Object.freeze({
  DMA_INCOHERENT: cited(0, COMMON_H, 'PT_FEAT_DMA_INCOHERENT'),
  FULL_VA: cited(1, COMMON_H, 'PT_FEAT_FULL_VA'),
  DYNAMIC_TOP: cited(2, COMMON_H, 'PT_FEAT_DYNAMIC_TOP'),
  SIGN_EXTEND: cited(3, COMMON_H, 'PT_FEAT_SIGN_EXTEND'),
  FLUSH_RANGE: cited(4, COMMON_H, 'PT_FEAT_FLUSH_RANGE'),
  FLUSH_RANGE_NO_GAPS: cited(5, COMMON_H, 'PT_FEAT_FLUSH_RANGE_NO_GAPS'),
  DETAILED_GATHER: cited(6, COMMON_H, 'PT_FEAT_DETAILED_GATHER'),
  FMT_START: cited(7, COMMON_H, 'PT_FEAT_FMT_START'),
});

/** The feature bitmap with the given positions set. */
export function features(...positions: readonly number[]): number {
  let bitmap = 0;
  for (const n of positions) bitmap |= 1 << n;
  return bitmap >>> 0;
}

/** Whether a feature is set in a bitmap. */
export function hasFeature(bitmap: number, position: number): boolean {
  return (bitmap & (1 << position)) !== 0;
}
