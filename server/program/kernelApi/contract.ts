/** The part an argument plays, as far as contracts care. */
export type Role =
  | 'dev' | 'domain' | 'iova' | 'paddr' | 'size' | 'prot' | 'gfp' | 'flags' | 'attrs' | 'dir'
  | 'dma' | 'dmaOut' | 'cpu' | 'page' | 'pages' | 'npages' | 'pfn' | 'offset'
  | 'sg' | 'nents' | 'sgtable' | 'sgtableOut' | 'gather' | 'list' | 'mask'
  | 'pool' | 'group' | 'pasid' | 'handle' | 'handleOut' | 'mappedOut' | 'pgsize' | 'pgcount'
  | 'ioPgtable' | 'table' | 'iommu' | 'vfioDevice' | 'iommufd' | 'attachment' | 'dmabuf' | 'vma' | 'mm'
  | 'iovaDomain' | 'iovaObject' | 'iovaState' | 'iopfQueue' | 'iopfGroup' | 'iopfFault'
  | 'object' | 'objectOut' | 'lock' | 'irqFlags' | 'handler' | 'data' | 'destination' | 'source'
  | 'resource' | 'bar' | 'name' | 'count' | 'value' | 'other'; // prettier-ignore

/** How a function tells success and failure, and what its result is. */
export type ReturnConvention =
  | 'void'
  /** 0 or a negative errno. */
  | 'errno'
  /** Bytes, never negative, may differ from what was asked. */
  | 'length'
  /** Negative errno, or bytes, which may be fewer than asked. */
  | 'length_or_errno'
  /** Negative errno, or a count, which may be fewer than asked. */
  | 'count_or_errno'
  /** A count; 0 is the only failure, never negative. */
  | 'count_zero_is_error'
  /** A dma_addr_t whose only test is dma_mapping_error(). */
  | 'dma_addr'
  /** A pointer or ERR_PTR, never NULL. */
  | 'err_ptr'
  /** A pointer or NULL, never ERR_PTR. */
  | 'ptr_or_null'
  /** A pointer, ERR_PTR or NULL. */
  | 'err_ptr_or_null'
  | 'ptr'
  /** A physical address; 0 means there is no translation (and can be a legal address). */
  | 'paddr_or_zero'
  | 'paddr'
  | 'pfn_or_zero'
  /** An identifier with one value for failure. */
  | 'id_or_invalid'
  | 'id'
  | 'bool'
  | 'size'
  | 'mask'
  | 'enum'
  | 'value';

/** Where a function may be called. `gfp`: sleeps only if its gfp argument allows it. `irqsEnabled`: not with interrupts off, but may be called from atomic code. */
export type CallContext = 'atomic' | 'maySleep' | 'gfp' | 'irqsEnabled';

/** Kinds of resources: a release must be of a family that fits the acquisition. */
export type Family =
  | 'dmaSingle' | 'dmaPage' | 'dmaPhys' | 'dmaResource' | 'dmaSg' | 'dmaSgtable'
  | 'dmaCoherent' | 'dmaAttrs' | 'dmaManaged' | 'dmaWc' | 'dmaPages' | 'dmaNoncoherent' | 'dmaNoncontiguous' | 'dmaPool' | 'dmaPoolObject' | 'dmaIova'
  | 'iommuMapping' | 'iommuDomain' | 'iommuAttach' | 'iommuGroupAttach' | 'iommuPasidAttach' | 'iommuGroupRef' | 'iommuOwner' | 'iommuPasid' | 'iommuPages'
  | 'iovaDomain' | 'iova' | 'ioPgtable' | 'sva' | 'iopfQueue'
  | 'dmabufAttachment' | 'dmabufMapping' | 'dmabufVmap' | 'dmabufRef' | 'dmabufPin'
  | 'sgTable' | 'pin' | 'iommufdPin' | 'iommufdAccess' | 'vfioPin' | 'pageRef' | 'decrypted'
  | 'memory' | 'vmemory' | 'pageMemory' | 'cacheObject' | 'genPool'
  | 'ioremap' | 'pciEnable' | 'regions' | 'irq' | 'reference'; // prettier-ignore

/** Where a handle is found at a call. `result`: the value returned; `argument`: the argument itself; `pointee`: what the argument points to. */
export type Place =
  | { readonly at: 'result' }
  | { readonly at: 'argument'; readonly index: number }
  | { readonly at: 'pointee'; readonly index: number };

/** A call brings a resource into being when it succeeds. */
export interface Acquire {
  readonly family: Family;
  /** What names the resource afterwards. For IOMMU mappings: the iova argument, together with the domain argument. */
  readonly handle: Place;
  /** A second name of the same resource: the DMA address of coherent memory whose CPU address is `handle`. */
  readonly other?: Place;
  /** Released by the driver core, not by the caller. */
  readonly managed?: 'devres';
}

/** A call ends a resource. */
export interface Release {
  /** The family it belongs to first; then others that it ends in effect, although it should not be used for them. */
  readonly families: readonly Family[];
  readonly handle: Place;
  readonly other?: Place;
}

/** A call has a meaning as an expression, and no effect. Indices are arguments. */
export type PureValue =
  /** The value is that argument: likely(x), PTR_ERR(p), ERR_PTR(e), READ_ONCE(x), cpu_to_le64(x). */
  | { readonly is: 'argument'; readonly index: number }
  | { readonly is: 'isErr' | 'isErrOrNull'; readonly index: number }
  /** The error in a pointer, or 0. */
  | { readonly is: 'errorOrZero'; readonly index: number }
  /** WARN_ON(x), unlikely(!x): the value is that condition. */
  | { readonly is: 'truth'; readonly index: number }
  | { readonly is: 'min' | 'max'; readonly left: number; readonly right: number }
  | { readonly is: 'alignUp' | 'alignDown'; readonly value: number; readonly to: number }
  | { readonly is: 'pageAlign' | 'pageAlignDown' | 'offsetInPage'; readonly value: number }
  /** PFN_UP(), PFN_DOWN(), PFN_PHYS(): bytes to pages, rounded up or down, and pages to bytes. */
  | { readonly is: 'pagesUp' | 'pagesDown' | 'pageBytes'; readonly value: number }
  | { readonly is: 'isAligned'; readonly value: number; readonly to: number }
  | { readonly is: 'divideRoundUp'; readonly value: number; readonly by: number }
  | { readonly is: 'containerOf'; readonly pointer: number; readonly type: number; readonly member: number }
  | { readonly is: 'bit'; readonly index: number }
  | { readonly is: 'bitMask'; readonly high: number; readonly low: number }
  | { readonly is: 'arraySize'; readonly index: number }
  | { readonly is: 'structSize'; readonly pointer: number; readonly member: number; readonly count: number }
  | { readonly is: 'product'; readonly left: number; readonly right: number }
  | { readonly is: 'sum'; readonly left: number; readonly right: number }
  /** A member of the object behind the argument, also to be assigned to: sg_dma_len(sg). */
  | { readonly is: 'member'; readonly index: number; readonly name: string }
  /** What the argument points to: get_unaligned(p). */
  | { readonly is: 'pointee'; readonly index: number }
  /** The object at the front of a list. */
  | { readonly is: 'firstEntry'; readonly list: number; readonly member: number }
  /** A query of something that others change: no effect, and another value each time. */
  | { readonly is: 'reading' }
  /** A function of its arguments alone with no further meaning: equal arguments, equal value. */
  | { readonly is: 'opaque' }; // prettier-ignore

/** What an address is, where a call's result or argument says it. */
export type Provenance =
  | 'ram' | 'mmio' | 'carveout' | 'dma' | 'iova' | 'user'
  /** A `struct resource`: its `start` is device memory. */
  | 'resource'; // prettier-ignore

/** What a call does beside its resources. */
export type Effect =
  /** Nothing that contracts could notice: printing, statistics, reference-free queries. */
  | { readonly does: 'nothing' }
  /** Enters (`lock`) or leaves an atomic or locked region. `conditional`: only if the result is true, or zero. */
  | { readonly does: 'lock' | 'unlock'; readonly lock: LockKind; readonly argument: number | undefined; readonly conditional?: 'true' | 'zero' }
  /** Takes a pointer into a structure that outlives the call: the object is reachable from elsewhere. */
  | { readonly does: 'publish'; readonly argument: number }
  /** The pointer that a driver keeps at its device, read or (with `value`) written. `member` of the argument is the device. */
  | { readonly does: 'driverData'; readonly device: number; readonly member: string | undefined; readonly value: number | undefined }
  /** Puts an object on a list: whoever reaches the list reaches what is on it. */
  | { readonly does: 'enlist'; readonly object: number; readonly list: number }
  /** Moves everything that is on one list onto another. */
  | { readonly does: 'splice'; readonly from: number; readonly onto: number }
  /** Exchanges the values of two variables. */
  | { readonly does: 'swap'; readonly left: number; readonly right: number }
  /** A step in the life of a `struct iommu_iotlb_gather`; without an argument, of every gather. */
  | { readonly does: 'gather'; readonly step: 'init' | 'collect' | 'sync'; readonly argument: number | undefined }
  /** Writes a value to what the argument points to, and nothing else: of_property_read_u32(np, name, &value). */
  | { readonly does: 'fill'; readonly argument: number }
  /** Copies the pointee of `source` to `destination`. */
  | { readonly does: 'copy'; readonly destination: number; readonly source: number }
  /** Assigns to the place that the argument is, WRITE_ONCE(x, v), or to what it points to, put_unaligned(v, p). */
  | { readonly does: 'store'; readonly destination: number; readonly value: number; readonly to: 'place' | 'pointee' }
  /** Hands a value to hardware: writel(v, reg). */
  | { readonly does: 'toHardware'; readonly argument: number }
  /** Registers a clean-up of the driver core: devm_add_action(dev, fn, data). */
  | {
      readonly does: 'devresAction';
      readonly handler: number;
      readonly data: number;
      /** Whether the handler is called at once where it cannot be registered. */
      readonly onFailure: 'runs' | 'nothing';
    }
  /** Stores an argument in the object behind another: dma_unmap_addr_set(obj, field, v). */
  | { readonly does: 'setField'; readonly object: number; readonly field: number; readonly value: number }
  /** Writes arguments into members of the object behind another argument: sg_set_page(sg, page, length, offset). */
  | { readonly does: 'setMembers'; readonly object: number; readonly members: Readonly<Record<string, number>> }
  | { readonly does: 'getField'; readonly object: number; readonly field: number }
  /** The call does not come back if the argument is true: BUG_ON(x). */
  | { readonly does: 'stopsIf'; readonly argument: number }
  /** The call does not come back. */
  | { readonly does: 'noReturn' }; // prettier-ignore

/** Kinds of locks, by what they forbid: spin and rcu sections are atomic; mutexes are not. */
export type LockKind = 'spin' | 'spinIrq' | 'spinIrqSave' | 'spinBh' | 'mutex' | 'rwsem' | 'rcu' | 'srcu' | 'preempt' | 'irq' | 'bh'; // prettier-ignore

/** A test of a handle. */
export interface Check {
  readonly kind: 'mappingError';
  readonly argument: number;
}

/** A release of the kernel as `major.minor`. */
export type KernelVersion = `${number}.${number}`;

/** What callers of a kernel function (or function-like macro) may rely on and owe. */
export interface FunctionContract {
  readonly name: string;
  readonly params: readonly Role[];
  readonly returns: ReturnConvention;
  readonly context: CallContext;
  /** First and last of the compared releases that have it in this form; see versions.ts. */
  readonly since: KernelVersion | undefined;
  readonly until: KernelVersion | undefined;
  readonly acquires: Acquire | undefined;
  readonly releases: Release | undefined;
  /** Moves the ownership of memory between CPU and device; the resource stays. */
  readonly syncs: Release | undefined;
  readonly checks: Check | undefined;
  readonly value: PureValue | undefined;
  readonly effect: Effect | undefined;
  /** What the result is an address of. */
  readonly provenance: Provenance | undefined;
  /** Which half of a scatterlist entry the call reads: what the CPU filled in, or what the mapping did. */
  readonly entrySide: 'cpu' | 'dma' | undefined;
  /** Belongs to the DMA and IOMMU interfaces: a function that reaches it is worth analysing. */
  readonly relevant: boolean;
  /** What a reader must know beside the roles; own words, one clause. */
  readonly note: string | undefined;
}

/** What the kernel's core expects of an implementation behind an operations struct. */
export interface OperationContract {
  readonly struct: string;
  readonly field: string;
  /** A failure ends the matter: the core calls no other operation of the driver that could give back what is left. */
  readonly cleansUpItself: boolean;
  readonly params: readonly Role[];
  readonly context: CallContext;
  readonly since: KernelVersion | undefined;
  readonly until: KernelVersion | undefined;
  readonly note: string | undefined;
}
