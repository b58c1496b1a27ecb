// Pictures of what the editor explains: five hovers, completion, and the way from a map to its unmaps.
import fs from 'node:fs';
import path from 'node:path';
import { remoteUri, workbenchUrl } from './host.mjs';
import { goToText, runCommand } from './workbenchKeys.mjs';

/** Names and values that the example driver has no use for. */
const names = `// SPDX-License-Identifier: MIT
#include <linux/iommu.h>

static u64 qcap_leaf(u64 pa)
{
	return AMDV1PT_FMT_PR | FIELD_PREP(AMDV1PT_FMT_OA, pa >> 12) | AMDV1PT_FMT_FC;
}

static bool qcap_is_mapped(u64 pte)
{
	return pte == 0x40000083;
}

static int qcap_map_bar(struct iommu_domain *domain, struct pci_dev *pdev)
{
	return iommu_map(domain, 0, pci_resource_start(pdev, 2), SZ_4K,
			 IOMMU_WRITE | IOMMU_MMIO, GFP_KERNEL);
}
`;

/** Takes the pictures into a folder. `workspace` is the example, `driver` its file; a second file lies there while pictures are taken. */
export async function takeExplanationPictures(page, { server, workspace, driver, target }) {
  const file = path.join(path.dirname(driver), 'qcap_pt.c');
  fs.writeFileSync(file, names);
  try {
    await driverPictures(page, { server, workspace, driver, target });
    await open(page, server, workspace, file);
    await hover(page, 'AMDV1PT_FMT_FC', 'force coherent', 'hover-field.png', target);
    await hover(page, '0x40000083', '2 MiB leaf', 'hover-entry.png', target);
    await hover(page, 'IOMMU_MMIO', 'a device, not RAM', 'hover-flag.png', target);
  } finally {
    fs.rmSync(file);
  }
}

async function driverPictures(page, { server, workspace, driver, target }) {
  await open(page, server, workspace, driver);
  await hover(page, 'iommu_map(', 'all of a range', 'hover-function.png', target);
  await hover(page, 'ring->iova + off', '= 0x40000000', 'hover-value.png', target, 6);

  // Completion behind `IOMMU_READ | `; nothing is saved.
  await goToText(page, ' | IOMMU_WRITE, GFP');
  for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  await page.keyboard.press('Control+Space');
  const widget = page.locator('.suggest-widget.visible').first();
  await widget.waitFor({ timeout: 15_000 });
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+Space'); // the details beside the list
  await page.waitForTimeout(900);
  await around(page, [widget, page.locator('.suggest-details').first()], 'completion.png', target);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await goToText(page, 'iommu_map(ring');
  await runCommand(page, 'Peek Implementations');
  const peek = page.locator('.zone-widget').first();
  await peek.waitFor({ timeout: 15_000 });
  // Where the example lies on this machine is nobody's business.
  await page.addStyleTag({ content: '.peekview-title .dirname { visibility: hidden }' });
  await page.waitForTimeout(1200);
  await around(page, [peek], 'navigation.png', target, 90);
  await page.keyboard.press('Escape');
}

async function open(page, server, folder, file) {
  const uri = remoteUri(server.origin, file);
  await page.goto(workbenchUrl(server.origin, folder, [['openFile', uri]]));
  await page.locator('.statusbar-item', { hasText: /\d functions/ }).waitFor({ timeout: 60_000 });
  await page.keyboard.press('Control+b');
  await page.waitForTimeout(400);
}

/** Shows the hover at a text as a keyboard user does, and takes it with the lines around. */
async function hover(page, text, wanted, name, target, steps = 0) {
  await goToText(page, text);
  for (let i = 0; i < steps; i++) await page.keyboard.press('ArrowRight');
  // The line near the upper edge: hovers get no more room than there is below.
  const cursor = await page.locator('.cursors-layer .cursor').first().boundingBox();
  for (let y = cursor.y; y > 160; y -= cursor.height)
    await page.keyboard.press('Control+ArrowDown');
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+i');
  const box = page.locator('.monaco-hover:visible', { hasText: wanted }).first();
  await box.waitFor({ timeout: 15_000 });
  await page.waitForTimeout(700);
  await around(page, [box], name, target, 70);
  await page.keyboard.press('Escape');
}

/** A picture of some elements with a margin above and below for the code that they belong to. */
async function around(page, elements, name, target, margin = 60) {
  const boxes = [];
  for (const element of elements) {
    if (await element.isVisible()) boxes.push(await element.boundingBox());
  }
  const { width, height } = page.viewportSize();
  const left = Math.max(0, Math.min(...boxes.map(({ x }) => x)) - 60);
  const top = Math.max(0, Math.min(...boxes.map(({ y }) => y)) - margin);
  const right = Math.min(width, Math.max(...boxes.map((box) => box.x + box.width)) + 20);
  const bottom = Math.min(height, Math.max(...boxes.map((box) => box.y + box.height)) + 40);
  const clip = { x: left, y: top, width: right - left, height: bottom - top };
  await page.screenshot({ path: path.join(target, name), clip });
  console.log(path.join(target, name));
}
