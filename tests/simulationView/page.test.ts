import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { INT } from '../../server/cfront/types/type.ts';
import { viewOfSimulation } from '../../server/report/view/ofSimulation.ts';
import { viewPage } from '../../server/report/view/page.ts';
import { runOf } from '../../server/simulate/compare/result/resultForm.ts';
import type {
  SimulatedFunction,
  SimulatedRun,
} from '../../server/simulate/compare/result/simulation.ts';
import { runDriver } from '../simulate/smallDriver.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const fixture = path.join(root, 'test-fixtures/simulation');
const browserFile = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file !== undefined && fs.existsSync(file),
);

/** The page of the small driver of page tables that removes a table, compared with one that frees it too early. */
function tablesPage(): string {
  const run = (manner: number): SimulatedRun => {
    const asked = { entry: 'remove_table', args: [manner], format: 'amdv1' } as const;
    const { hardware, events } = runDriver(asked);
    const ending = { kind: 'returned', report: 'success', value: '0', place: undefined } as const;
    const returned = { ...ending, result: { type: INT, value: 0 } };
    const { violations } = hardware;
    return {
      ...runOf({ ending: returned, events, violations, hardware }, asked.entry, {
        errorNames: () => new Map(),
      }),
      // A host that encrypts, whose RAM is mapped without the C-bit.
      ...{ encryptionBit: 51, memory: [{ first: '0x80000000', last: '0x80000fff', kind: 'ram' }] },
    };
  };
  const after = run(1);
  const result: SimulatedFunction = {
    ...{ function: 'remove_table', file: 'driver.c', line: 1, entry: 'remove_table' },
    ...{ situation: 'small', summary: 'a small driver', verdict: 'newly-broken', reason: '' },
    ...{
      violations: after.violations,
      before: run(0),
      after,
      assumptions: [],
      models: [],
      pairs: 1,
    },
  };
  const view = viewOfSimulation({ functions: [result], notSimulated: [], elapsed: 0 }, 'tables');
  const part = (name: string): string => fs.readFileSync(path.join(root, 'dist', name), 'utf8');
  const [script, style] = [part('simulationView.js'), part('simulationStyle.css')];
  return viewPage(view, { script, style, nonce: 'nonce' });
}

describe('the page of a simulation in a browser', function () {
  let folder: string;
  let browser: Browser;
  let page: Page;
  const trouble: string[] = [];

  before(async function () {
    if (browserFile === undefined) {
      console.log('SKIPPED: the page of a simulation: Chromium is not installed');
      this.skip();
    }
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'iovet-page-'));
    const html = (name: string, args: readonly string[]): void => {
      const file = path.join(folder, name);
      const all = [path.join(root, 'dist/cli.cjs'), 'simulate', ...args, '--html', file];
      const { stderr } = spawnSync(process.execPath, all, { encoding: 'utf8' });
      assert.match(stderr, /wrote/);
    };
    html('patch.html', ['--tree', fixture, path.join(fixture, 'qring-error.patch')]);
    html('scenario.html', ['--scenario', 'S000-1']);
    html('owners.html', ['--scenario', 'S000-2']);
    fs.writeFileSync(path.join(folder, 'tables.html'), tablesPage());
    browser = await chromium.launch({
      executablePath: browserFile,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    });
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => {
      if (message.type() === 'error') trouble.push(message.text());
    });
    page.on('pageerror', (error) => trouble.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) trouble.push(`asked for ${request.url()}`);
    });
  });

  after(async () => {
    if (browserFile === undefined) return;
    await browser.close();
    fs.rmSync(folder, { recursive: true });
  });

  const show = async (name: string, theme = 'light'): Promise<void> => {
    await page.goto(`${pathToFileURL(path.join(folder, name)).href}?theme=${theme}`);
  };
  const side = (): Promise<string | null> =>
    page.locator('[data-show][aria-pressed=true]').getAttribute('data-show');
  const step = async (): Promise<number> => Number(await page.locator('#slider').inputValue());

  /**
   * Where every part of the page is. What is inside of a part may change, its place may not: only what a device meets
   * and the bits of an entry, at the right, take the room that their words need.
   */
  const places = (): Promise<readonly string[]> =>
    page.evaluate<string[]>(`
      [...document.querySelectorAll('header, nav, .now, .wide section, .col:nth-of-type(2) section, .row, .table, .lane, .slot, .holds')].map((part) => {
        const { x, y, width, height } = part.getBoundingClientRect();
        return part.className.split(' ')[0] + ' ' + [x, y, width, height].join();
      })`);

  it('opens on what breaks, in one sentence', async () => {
    await show('patch.html');
    assert.match(
      await page.locator('h1').innerText(),
      /qring_setup\(\) fails and keeps 4096 bytes/,
    );
    assert.match(await page.locator('.badge').innerText(), /newly broken/);
    assert.match(await page.locator('header').innerText(), / · Linux \d+\.\d+ · iovet /);
    assert.equal(await side(), 'after');
  });

  it('is driven by keys: sides, steps, the first difference, what breaks', async () => {
    await show('patch.html');
    const broken = await step();
    await page.keyboard.press('b');
    assert.equal(await side(), 'before');
    await page.keyboard.press('a');
    assert.equal(await side(), 'after');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await step(), broken - 1);
    await page.keyboard.press('ArrowRight');
    assert.equal(await step(), broken);
    await page.keyboard.press('Home');
    assert.equal(await step(), 1);
    await page.keyboard.press('w');
    assert.equal(await step(), broken);
    await page.keyboard.press('d');
    assert.ok((await step()) <= broken);
    await page.keyboard.press('m');
    assert.match(await page.locator('[role=status]').innerText(), /copied, 5 lines/);
  });

  it('follows the slider and the buttons of the runs', async () => {
    await show('patch.html');
    await page.locator('#slider').fill('1');
    assert.equal(await step(), 1);
    await page.locator('[data-run="1"]').click();
    assert.match(await page.locator('h1').innerText(), /qring_release\(\)/);
    assert.match(await page.locator('.badge').innerText(), /unknown/);
  });

  for (const name of ['patch.html', 'tables.html']) {
    it(`moves nothing when side or step changes: ${name}`, async () => {
      await show(name);
      await page.keyboard.press('Home');
      const count = Number(await page.locator('#slider').getAttribute('max'));
      const first = await places();
      assert.ok(first.length > 8);
      for (let n = 1; n <= count; n++) {
        for (const key of ['b', 'a']) {
          await page.keyboard.press(key);
          assert.deepEqual(await places(), first, `step ${n}, ${key}`);
        }
        await page.keyboard.press('ArrowRight');
      }
    });
  }

  it('shows a scenario, and has its own colours in every theme', async () => {
    const colours = new Set<string>();
    for (const theme of ['light', 'dark', 'hc']) {
      await show('scenario.html', theme);
      assert.notEqual(await page.locator('h1').innerText(), '');
      await page.keyboard.press('ArrowLeft');
      colours.add(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor'));
    }
    assert.equal(colours.size, 3);
  });

  it('has a name and a role for everything that can be used, and says steps to screen readers', async () => {
    await show('patch.html');
    const tree = await page.locator('body').ariaSnapshot();
    assert.match(tree, /heading ".*qring_setup\(\) fails and keeps 4096 bytes.*" \[level=1\]/);
    assert.match(tree, /button "after a" \[pressed\]/);
    assert.match(tree, /button "Previous step"/);
    assert.match(tree, /slider "Step"/);
    assert.match(tree, /columnheader "before"/);
    for (const name of ['What ran, step by step', 'The steps in words', 'Reply for the list']) {
      assert.ok(tree.includes(`region "${name}"`), `${name} in\n${tree}`);
    }
    assert.doesNotMatch(tree, /button:|button \[|link:|slider:/, 'a control without a name');
    await page.keyboard.press('Home');
    assert.match(
      await page.locator('[role=status]').innerText(),
      /^after, step 1: dma_alloc_attrs/,
    );
    await page.keyboard.press('b');
    assert.match(await page.locator('[role=status]').innerText(), /^before, step 1: /);
    assert.match(
      (await page.locator('#slider').getAttribute('aria-valuetext'))!,
      /^step 1: dma_alloc_attrs/,
    );
  });

  it('shows what is taken as bars with their life, and what becomes of them', async () => {
    await show('patch.html');
    const bars = page.locator('.strip');
    assert.match(
      await bars.first().innerText(),
      /^4096 bytes of coherent memory by dma_alloc_attrs\(\)/,
    );
    const lives = await bars.first().locator('.life').allInnerTexts();
    assert.deepEqual(lives, [
      '■ held, devices reach it',
      '□ given back',
      '■ held, devices reach it',
      '✕ leaks',
    ]);
    await bars.first().locator('a.place').click();
    assert.match(await page.locator('[role=status]').innerText(), /qring\.c:19$/);
    const lanes = await page.locator('.lanes > .lane > .label').allInnerTexts();
    assert.deepEqual(lanes.filter(Boolean), [
      'function',
      'one side only',
      'CPU',
      'changed lines',
      'DMA/\u200bIOMMU API',
    ]);
  });

  /** Text whose contrast with what is behind it is below 4.5, the least that WCAG asks for. */
  const pale = (): Promise<readonly string[]> =>
    page.evaluate<string[]>(`(() => {
      const numbers = (text) => {
        const found = (text.match(/[\\d.]+/g) ?? []).map(Number);
        return text.startsWith('color(') ? found.map((one, n) => (n < 3 ? one * 255 : one)) : found;
      };
      const light = ([r, g, b]) => {
        const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * x + 0.7152 * y + 0.0722 * z;
      };
      const behind = (element) => {
        for (let at = element; at !== null; at = at.parentElement) {
          const colour = numbers(getComputedStyle(at).backgroundColor);
          if (colour.length < 4 || colour[3] > 0.5) return colour;
        }
        return [255, 255, 255];
      };
      return [...document.querySelectorAll('body *')].flatMap((element) => {
        if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) return [];
        const [high, low] = [light(numbers(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
        const ratio = (high + 0.05) / (low + 0.05);
        return ratio < 4.5 ? [element.className + ' ' + ratio.toFixed(2) + ': ' + element.textContent] : [];
      });
    })()`);

  it('can be read in every theme', async () => {
    for (const name of ['patch.html', 'owners.html', 'tables.html']) {
      for (const theme of ['light', 'dark', 'hc', 'hc-light']) {
        await show(name, theme);
        assert.deepEqual(await pale(), [], `${name} ${theme}`);
      }
    }
  });

  it('has one tab stop for all of its steps, with a visible focus that stays', async () => {
    await show('patch.html');
    const stops: string[] = [];
    for (let n = 0; n < 80; n++) {
      await page.keyboard.press('Tab');
      const focused = await page.evaluate<string | null>(`(() => {
        const { activeElement: at, body } = document;
        if (at === null || at === body) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        return (at.getAttribute('aria-label') ?? at.textContent) + ' ' + outlineStyle + ' ' + outlineWidth;
      })()`);
      if (focused === null) break;
      stops.push(focused);
    }
    assert.ok(
      stops.every((stop) => stop.endsWith(' solid 2px')),
      stops.join('\n'),
    );
    assert.equal(stops.filter((stop) => stop.startsWith('Go to step')).length, 1);
    const order = ['before b', 'Previous step', 'Step', 'Go to step'].map((name) =>
      stops.findIndex((stop) => stop.startsWith(name)),
    );
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      order,
    );
    assert.ok(!order.includes(-1));
    await page.locator('[data-go=previous]').focus();
    await page.keyboard.press('Enter');
    assert.equal(
      await page.evaluate<string>("document.activeElement.getAttribute('aria-label')"),
      'Previous step',
    );
  });

  it('leads from every step to its line of C, and from the list to the step', async () => {
    await show('patch.html');
    await page.locator('[data-list="1"]').click();
    assert.equal(await step(), 1);
    await page.locator('[data-list="1"]').click();
    assert.match(await page.locator('[role=status]').innerText(), /qring\.c:19$/);
    const links = await page.locator('.steplist a.place').count();
    assert.ok(links >= 5, `${links} links`);
  });

  it('shows what a device meets at every step, and whose memory it is', async () => {
    await show('owners.html');
    const strip = page.locator('.strip .outcome');
    assert.deepEqual(await strip.allInnerTexts(), [
      'fault IO_PAGE_FAULT',
      'reached 0x80003000',
      '✕ fault RMP_PAGE_FAULT (size)',
    ]);
    const owner = await page.locator('.cell.owner').innerText();
    assert.match(owner, /RMP: guest 1, validated/);
    assert.match(owner, /leaf of 2 MiB/);
    assert.match(owner, /512 records of 4 KiB/);
    await page.keyboard.press('ArrowLeft');
    assert.doesNotMatch(await page.locator('.cell.owner').innerText(), /records/);
    const wide = (): Promise<number> =>
      page.evaluate<number>("document.querySelector('.inner').getBoundingClientRect().width");
    const before = await wide();
    await page.keyboard.press('+');
    assert.ok((await wide()) > before * 1.9);
  });

  /** Goes to the first step with a mark of this name, on the side before. */
  const goTo = async (mark: string): Promise<void> => {
    await show('tables.html');
    await page.keyboard.press('b');
    await page.locator('.lanes .mark').filter({ hasText: mark }).first().click();
  };
  const cells = (row: string): Promise<readonly string[]> =>
    page.locator(`.row[aria-label$=", ${row}"] .cell`).allInnerTexts();

  it('shows what the IOTLB holds, since when it is stale, and what the gather waits to flush', async () => {
    await show('tables.html');
    await page.keyboard.press('b');
    await page.keyboard.press('Home');
    const rows = page.locator('.iotlb tbody tr');
    assert.match((await rows.first().innerText()).replace(/\s+/g, ' '), /^domain 1 0x0-0x1fff 2 × 4 KiB 0x80000000 read write ▣ filled at step 1$/); // prettier-ignore
    await goTo('gather');
    assert.match(await rows.first().innerText(), /◪ stale since step 2$/);
    assert.deepEqual(
      await cells('gather'),
      Array(2).fill('▤ waits for the flush, then 1 table freed'),
    );
    const both = '◪ 0x0-0x1fff: 0x80000000, stale since step 2';
    assert.deepEqual(await cells('IOTLB'), [both, both]);
    await goTo('iotlb_sync');
    assert.deepEqual(await cells('IOTLB'), ['nothing', 'nothing']);
    assert.equal(await rows.count(), 0);
  });

  it('hatches a table that is freed, and says which entry leads to one', async () => {
    await show('tables.html');
    await page.keyboard.press('b');
    await page.keyboard.press('Home');
    const label = page.locator('.table .label').last();
    assert.match(await label.innerText(), /from L1 slot 0$/);
    assert.match((await label.getAttribute('title'))!, /entry 0 of 0x[0-9a-f]+ leads here$/);
    assert.equal(await page.locator('.table.freed').count(), 0);
    await goTo('free');
    assert.match(await label.innerText(), /freed at step \d+$/);
    const hatch = await page.evaluate<string>(
      "getComputedStyle(document.querySelector('.table.freed .slots')).backgroundImage",
    );
    assert.match(hatch, /repeating-linear-gradient/);
  });

  it('says what memory is behind a leaf, and whether its C-bit is right, in words', async () => {
    await show('tables.html');
    await page.keyboard.press('Home');
    const [first, second] = await cells('memory');
    assert.match(first!, /^✕ RAM\s+C=0: ciphertext$/);
    assert.match(second!, /^not stated/);
    assert.match(
      await page.locator('.striptitle').first().innerText(),
      /^Device: read and write to /,
    );
  });

  it('asks the network for nothing, and reports no error', () => {
    assert.deepEqual(trouble, []);
  });
});
