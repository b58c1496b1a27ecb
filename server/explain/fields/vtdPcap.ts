import { accessor, family, type FieldFamily } from './define.ts';

/** VT-d performance capability register: drivers/iommu/intel/iommu.h. */
// prettier-ignore
export const vtdPcapFields: FieldFamily = family({
  format: 'vtd-pcap',
  title: 'VT-d performance capability register',
  path: 'drivers/iommu/intel/iommu.h',
}, [
  accessor('pcap_num_cntr', '15:0'),
  accessor('pcap_cntr_width', '22:16'),
  accessor('pcap_num_event_group', '28:24'),
  accessor('pcap_filters_mask', '36:32'),
  accessor('pcap_interrupt', '50'),
  accessor('pcap_cntr_stride', '54:52'),
]);
