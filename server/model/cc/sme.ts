/*
 * Memory encryption of an AMD host: bit C of a physical address selects it.
 * Source: AMD64 Architecture Programmer's Manual, volume 2, "Secure Memory Encryption"; AMD IOMMU Specification 48882,
 * "Secure Memory Encryption"; seed 003 for MMIO. Kernel: sme_me_mask, amdv1pt_iommu_set_prot().
 */

/** What the device gets when it reads memory, or leaves there when it writes. */
export type Content =
  /** The bytes that the CPU means. */
  | { readonly kind: 'plain' }
  /** Bytes that only make sense to the other side of the encryption. */
  | { readonly kind: 'ciphertext'; readonly why: string }
  /** Another place than the one that was meant. */
  | { readonly kind: 'wrong-target'; readonly why: string };

const PLAIN: Content = { kind: 'plain' };

/**
 * Content of an access through a leaf, by its C-bit and by what the page is.
 * `cipherPages` are pages that the CPU uses encrypted: all RAM of a host with SME unless it was decrypted.
 */
export function contentOf(
  leafEncrypted: boolean,
  page: { readonly use: 'ram' | 'mmio'; readonly cpuEncrypted: boolean },
): Content {
  if (page.use === 'mmio') {
    return leafEncrypted
      ? {
          kind: 'wrong-target',
          why: 'the C-bit is part of the address of a device, which decodes another place',
        }
      : PLAIN;
  }
  if (leafEncrypted === page.cpuEncrypted) return PLAIN;
  return {
    kind: 'ciphertext',
    why: leafEncrypted
      ? 'the device encrypts what the CPU reads in the clear'
      : 'the device sees the ciphertext of what the CPU wrote',
  };
}
