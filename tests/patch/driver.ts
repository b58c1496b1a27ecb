// Two sides of a small driver of our own, for tests that need a patch.

/** Path of the driver in the tree of the tests. */
export const driverPath = 'drivers/accel/qcap/qcap_mem.c';

/** The driver before the patch. */
export const driverBefore: string = `// SPDX-License-Identifier: MIT
#include <linux/iommu.h>

#include "qcap.h"

static int qcap_map_ring(struct qcap *q)
{
	unsigned long off;
	int ret;

	q->ring_iova = QCAP_RING_IOVA;
	for (off = 0; off < q->ring_size; off += PAGE_SIZE) {
		ret = iommu_map(q->domain, q->ring_iova + off, q->ring_phys + off,
				PAGE_SIZE, IOMMU_READ | IOMMU_WRITE, GFP_KERNEL);
		if (ret)
			return ret;
	}

	return 0;
}

static void qcap_start(struct qcap *q)
{
	writel(lower_32_bits(q->ring_iova), q->regs + QCAP_RING_LO);
	writel(upper_32_bits(q->ring_iova), q->regs + QCAP_RING_HI);
	writel(q->ring_size >> 12, q->regs + QCAP_RING_PAGES);
}

static void qcap_stop(struct qcap *q)
{
	writel(0, q->regs + QCAP_RING_PAGES);
	readl(q->regs + QCAP_RING_PAGES);
}

static void qcap_ring_exit(struct qcap *q)
{
	unsigned long off;

	qcap_stop(q);
	for (off = 0; off < q->ring_size; off += PAGE_SIZE)
		iommu_unmap(q->domain, q->ring_iova + off, PAGE_SIZE);
	qcap_free_ring(q);
}

int qcap_open(struct qcap *q)
{
	int ret;

	ret = qcap_map_ring(q);
	if (ret)
		return ret;
	qcap_start(q);

	return 0;
}

void qcap_close(struct qcap *q)
{
	qcap_ring_exit(q);
}
`;

/** The driver after the patch: three hunks away from each other. */
export const driverAfter: string = driverBefore
  .replace(
    /\tfor \(off = 0; off < q->ring_size; off \+= PAGE_SIZE\) \{\n[^}]*\}\n\n\treturn 0;/,
    '\tret = iommu_map(q->domain, q->ring_iova, q->ring_phys, q->ring_size,\n\t\t\tIOMMU_READ | IOMMU_WRITE, GFP_KERNEL);\n\n\treturn ret;',
  )
  .replace(
    '\twritel(0, q->regs + QCAP_RING_PAGES);\n',
    '\tif (!q->regs)\n\t\treturn;\n\twritel(0, q->regs + QCAP_RING_PAGES);\n',
  )
  .replace(
    'void qcap_close(struct qcap *q)\n{\n',
    'void qcap_close(struct qcap *q)\n{\n\tqcap_trace(q);\n',
  );
