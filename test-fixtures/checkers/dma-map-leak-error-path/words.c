// What comments and strings say is no call and no comparison; what one function compares is about one handle.
struct qcap_port {
	struct device *dev;
	void *buf;
	size_t len;
	dma_addr_t dma;
	void __iomem *regs;
};

static int bad_beside_words(struct qcap_port *port)
{
	dma_addr_t dma = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);

	if (dma_mapping_error(port->dev, dma))
		return -ENOMEM;
	if (readl(port->regs))
		return -EIO; // error[dma-map-leak-error-path]
	dma_unmap_single(port->dev, dma, port->len, DMA_TO_DEVICE);
	return 0;
}

static bool below_limit(struct qcap_port *port, phys_addr_t at)
{
	/* at == virt_to_phys(port->buf) */
	return at < 4096;
}

static int port_prepare(struct qcap_port *port)
{
	port->dma = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);
	if (dma_mapping_error(port->dev, port->dma))
		return -ENOMEM;
	if (readl(port->regs))
		return -EIO; // warning[dma-map-leak-error-path]
	return 0;
}

static int port_probe(struct platform_device *pdev)
{
	struct qcap_port *port = devm_kzalloc(&pdev->dev, sizeof(*port), GFP_KERNEL);

	if (!port)
		return -ENOMEM;
	platform_set_drvdata(pdev, port);
	return port_prepare(port);
}

static int port_show(struct qcap_port *port)
{
	/* what port_prepare() left is still there */
	pr_info("port_prepare() was here");
	return readl(port->regs);
}

static struct platform_driver port_driver = { .probe = port_probe };

// Compared with the address it was made of: it can be had again at any time.
static int good_identity(struct qcap_port *port, phys_addr_t at)
{
	dma_addr_t dma = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);

	if (dma_mapping_error(port->dev, dma))
		return -ENOMEM;
	if (dma != virt_to_phys(port->buf))
		goto unmap;
	if (readl(port->regs))
		return -EIO; // ok[dma-map-leak-error-path]: the same as the physical address here
unmap:
	dma_unmap_single(port->dev, dma, port->len, DMA_TO_DEVICE);
	return 0;
}

// Of what is returned the error is named, not the text about it.
static int bad_with_text(struct qcap_port *port)
{
	dma_addr_t dma = dma_map_single(port->dev, port->buf, port->len, DMA_TO_DEVICE);

	if (dma_mapping_error(port->dev, dma))
		return -ENOMEM;
	if (!port->regs)
		return dev_err_probe(port->dev, -EINVAL, "no registers, nothing to start\n"); // error[dma-map-leak-error-path]: returns -EINVAL with dma of line
	writel(lower_32_bits(dma), port->regs);
	return 0;
}
