/** What hardware reads from the context of a device: device table entry, PASID entry, stream table entry, device context. */
export type ContextReading =
  /** It answers no request. `why`: what the walk of the contexts ends at. */
  | { readonly kind: 'blocked'; readonly why: string }
  /** Requests go through untranslated. */
  | { readonly kind: 'passes' }
  /** Something that hardware refuses, with what is wrong. */
  | { readonly kind: 'invalid'; readonly why: string }
  | {
      readonly kind: 'translates';
      readonly stage: 'first' | 'second';
      /** Page and level of the top table; levels as generic_pt counts them. */
      readonly top: { readonly pfn: number; readonly level: number };
      /** DomID, DID, ASID or VMID, PSCID or GSCID. */
      readonly id: number;
      /** The device may ask for translations to keep. */
      readonly ats: boolean;
      /** Walks snoop the caches of the CPU; undefined: the context does not say. */
      readonly snoops: boolean | undefined;
    };

/** Two readings that hardware cannot tell apart. */
export function isSameContext(a: ContextReading, b: ContextReading): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
