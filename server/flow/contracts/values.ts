/** Meaning of calls that have a value and no effect, by argument index. */
export type CallValue =
  | { readonly is: 'argument'; readonly index: number }
  | { readonly is: 'isErr' | 'isErrOrNull'; readonly index: number }
  | { readonly is: 'errOrZero'; readonly index: number }
  | { readonly is: 'min' | 'max'; readonly left: number; readonly right: number }
  | { readonly is: 'alignUp' | 'alignDown'; readonly value: number; readonly to: number }
  | { readonly is: 'pageAlign' | 'pageAlignDown' | 'pagesUp' | 'pagesDown' | 'pageBytes'; readonly value: number }
  | { readonly is: 'divideRoundUp'; readonly value: number; readonly by: number }
  | { readonly is: 'containerOf'; readonly pointer: number; readonly member: number }
  | { readonly is: 'bit'; readonly index: number }
  | { readonly is: 'product' | 'sum'; readonly left: number; readonly right: number }
  | { readonly is: 'member'; readonly name: string }; // prettier-ignore

const values = new Map<string, CallValue>();

function same(names: string, value: CallValue): void {
  for (const name of names.split(' ')) values.set(name, value);
}

same('IS_ERR IS_ERR_VALUE', { is: 'isErr', index: 0 });
same('IS_ERR_OR_NULL', { is: 'isErrOrNull', index: 0 });
same('PTR_ERR_OR_ZERO', { is: 'errOrZero', index: 0 });
same('min umin', { is: 'min', left: 0, right: 1 });
same('max umax', { is: 'max', left: 0, right: 1 });
same('min_t', { is: 'min', left: 1, right: 2 });
same('max_t', { is: 'max', left: 1, right: 2 });
same('ALIGN round_up roundup __ALIGN_KERNEL iova_align_up', { is: 'alignUp', value: 0, to: 1 });
same('ALIGN_DOWN round_down rounddown', { is: 'alignDown', value: 0, to: 1 });
same('PAGE_ALIGN', { is: 'pageAlign', value: 0 });
same('PFN_UP', { is: 'pagesUp', value: 0 });
same('PFN_DOWN PHYS_PFN', { is: 'pagesDown', value: 0 });
same('PFN_PHYS', { is: 'pageBytes', value: 0 });
same('DIV_ROUND_UP DIV_ROUND_UP_ULL', { is: 'divideRoundUp', value: 0, by: 1 });
same(
  'container_of list_entry list_first_entry hlist_entry rb_entry from_timer timer_container_of container_of_const',
  {
    is: 'containerOf',
    pointer: 0,
    member: 2,
  },
);
same('BIT BIT_ULL', { is: 'bit', index: 0 });
same('array_size size_mul array3_size', { is: 'product', left: 0, right: 1 });
same('size_add', { is: 'sum', left: 0, right: 1 });
same('sg_dma_address', { is: 'member', name: 'dma_address' });
same('sg_dma_len', { is: 'member', name: 'dma_length' });

/** The value of a call, where it has one without an effect. */
export function callValue(name: string): CallValue | undefined {
  return values.get(name);
}
