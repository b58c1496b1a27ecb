// expect: newly-broken C-UNCHECKED
#include "interfaces.h"
#define dma_map_single(d, p, n, dir) dma_map_single_attrs(d, p, n, dir, 0)
#define DMA_TO_DEVICE 1
struct pci_dev { int devfn; struct device dev; };
int start(struct pci_dev *pdev, struct rig *r, void *p)
{
//-	r->dma = dma_map_single(&pdev->dev, p, 64, DMA_TO_DEVICE);
//-	if (dma_mapping_error(&pdev->dev, r->dma))
//-		return -12;
	r->dma = pci_map_single(pdev, p, 64, PCI_DMA_TODEVICE); //+
	return 0;
}
