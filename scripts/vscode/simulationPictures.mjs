// Pictures of simulations in the real workbench: a patch of the fixture, and with a kernel tree that of seed 003.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { VFIO_FILE } from '../demo/vfioRuns.mjs';
import { VARIANTS } from '../demo/vfioVariants.mjs';
import { remoteUri, workbenchUrl } from './host.mjs';
import { runCommand } from './workbenchKeys.mjs';

/** Longest that a simulation may take on a busy machine. Unit: milliseconds. */
const patience = 120_000;

/** A patch that leaks on an error path, run: at what breaks, and the same step before the patch. */
export async function takeSimulationPictures(page, { server, simulated, picture }) {
  const frame = await simulate(page, { server, file: simulated });
  await page
    .locator('.codelens-decoration', { hasText: 'newly broken' })
    .first()
    .waitFor({ timeout: patience });
  await page.locator('.sidebar').first().waitFor();
  await page.keyboard.press('Control+b');
  await page.waitForTimeout(500);
  await picture('simulation.png');
  await before(page, frame);
  await picture('simulation-before.png');
}

/**
 * VFIO maps RAM, then MMIO, on a host with memory encryption: the patch is made of edits to the tree's file and is
 * left in no place; or another patch to the tree. The page alone: no line of the kernel is in the picture.
 */
export async function takeTablePictures(page, { server, tree, patch, picture }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-vfio-'));
  try {
    const file = path.join(folder, patch === undefined ? 'vfio-mmio.patch' : path.basename(patch));
    fs.writeFileSync(
      file,
      patch === undefined ? vfioPatch(tree, folder) : fs.readFileSync(patch, 'utf8'),
    );
    const frame = await simulate(page, { server, file });
    await page.keyboard.press('Control+b');
    // The group of the page has to be the active one.
    await frame.locator('h1').click();
    await runCommand(page, 'View: Toggle Maximize Editor Group');
    await page.waitForTimeout(800);
    await picture('simulation-tables.png');
    await before(page, frame);
    await picture('simulation-tables-before.png');
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Opens a patch, runs it, and waits for its page. */
async function simulate(page, { server, file }) {
  const open = [['openFile', remoteUri(server.origin, file)]];
  await page.goto(workbenchUrl(server.origin, path.dirname(file), open));
  await page
    .locator('.codelens-decoration', { hasText: 'Simulate' })
    .first()
    .waitFor({ timeout: patience });
  await page.keyboard.press('Control+1');
  await runCommand(page, 'iovet: Simulate This Patch');
  const frame = page.frameLocator('iframe.webview').last().frameLocator('#active-frame');
  await frame.locator('h1').waitFor({ timeout: patience });
  return frame;
}

async function before(page, frame) {
  await runCommand(page, 'iovet: Simulation: Show Before');
  await frame.locator('[data-show=before][aria-pressed=true]').waitFor();
  await page.waitForTimeout(500);
}

/** The second version of the patch that the seed is about, against the tree's own file. */
function vfioPatch(tree, folder) {
  const text = fs.readFileSync(path.join(tree, VFIO_FILE), 'utf8');
  const { edit } = VARIANTS.find(({ name }) => name === 'v4');
  for (const [side, content] of [
    ['a', text],
    ['b', edit(text)],
  ]) {
    fs.mkdirSync(path.join(folder, side, path.dirname(VFIO_FILE)), { recursive: true });
    fs.writeFileSync(path.join(folder, side, VFIO_FILE), content);
  }
  const names = ['a', 'b'].map((side) => path.join(side, VFIO_FILE));
  const { stdout } = spawnSync('git', ['diff', '--no-index', '--no-prefix', ...names], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout;
}
