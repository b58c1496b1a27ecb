import type { BuiltIn } from './builtIn.ts';
import { K4, SME, USER_RAM } from './builtIn.ts';

/** Where an address space of iommufd is asked to map the user memory, and how. */
const IOMMUFD_IOVA = 0x100000;
const IOMMUFD_BYTES = 4 * K4;
const IOMMUFD_MAP = {
  ...{ '(unsigned long *)': IOMMUFD_IOVA, '(void *)': 0x7f0000000000 },
  ...{ '(unsigned long)': IOMMUFD_BYTES, '(int)': 3, '(unsigned int)': 0 },
};
const IOMMUFD_MAKES: readonly string[] = ['iommufd_ctx', 'io_pagetable', 'iommufd_ioas'];

/** iommufd maps user memory for the domains of an address space, and takes it back. */
export const IOMMUFD: readonly BuiltIn[] = [
  {
    ...{ takes: ['io_pagetable'], makes: IOMMUFD_MAKES },
    signatures: [
      'struct iommufd_ctx *, struct io_pagetable *, unsigned long *, void *, unsigned long, int, unsigned int',
    ],
    spec: {
      ...{ name: 'iommufd-amdv1-sme-map', memory: [USER_RAM], table: SME, iommufd: { domains: 1 } },
      summary: 'iommufd maps RAM; AMD v1 table, host with SME',
      arguments: IOMMUFD_MAP,
    },
  },
  {
    ...{ takes: ['io_pagetable'], makes: IOMMUFD_MAKES },
    signatures: [
      'struct io_pagetable *, unsigned long, unsigned long, unsigned long *',
      'struct io_pagetable *, unsigned long *',
    ],
    spec: {
      ...{
        name: 'iommufd-amdv1-sme-unmap',
        memory: [USER_RAM],
        table: SME,
        iommufd: { domains: 1 },
      },
      summary: 'iommufd unmaps RAM; AMD v1 table, host with SME',
      before: [{ call: 'iopt_map_user_pages', arguments: IOMMUFD_MAP }],
      arguments: {
        '(struct io_pagetable *, unsigned long)': IOMMUFD_IOVA,
        ...{ '(unsigned long)': IOMMUFD_BYTES, '(unsigned long *)': 0 },
      },
      removes: [{ iova: IOMMUFD_IOVA, bytes: IOMMUFD_BYTES }],
    },
  },
];
