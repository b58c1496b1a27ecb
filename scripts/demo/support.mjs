// What the demonstrations share: a tree that can be listed, and files of it opened once per text.
import fs from 'node:fs';
import path from 'node:path';
import { load } from '../treeChecks/support.mjs';

/** One path, which may take as long as a person waits. */
export const BUDGET = {
  steps: 1e9,
  bytesMoved: 2 ** 34,
  depth: 200,
  choices: 1e9,
  paths: 1,
  milliseconds: 120_000,
};

/** The texts and folders of a tree. */
export function listedTree(tree) {
  const at = (name) => path.join(tree, name);
  const isFile = (name) => fs.existsSync(name) && fs.statSync(name).isFile();
  return {
    read: (name) => (isFile(at(name)) ? fs.readFileSync(at(name), 'utf8') : undefined),
    list: (folder) => (fs.existsSync(at(folder)) ? fs.readdirSync(at(folder)).sort() : []),
  };
}

/** `7.3.0-rc7`, from the tree's Makefile. */
export function kernelVersion(tree) {
  const text = fs.readFileSync(path.join(tree, 'Makefile'), 'utf8');
  const field = (name) => new RegExp(`^${name} *= *(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const [version, patch, sub] = ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(field);
  return `${version}.${patch}${sub === '0' || sub === '' ? '' : `.${sub}`}${field('EXTRAVERSION')}`;
}

/**
 * Opens files of a tree, each with a text of its own if need be. `edits`: path to a function that changes its text;
 * `cache`: tokens that several states of the tree share.
 */
export async function openTree(tree, edits = new Map(), cache = undefined) {
  const { LinkedTree } = await load('simulate/link/linkedTree.js');
  const { FrontEnd } = await load('cfront/frontEnd.js');
  const { list, read } = listedTree(tree);
  const edited = (name) => {
    const text = read(name);
    return text === undefined ? undefined : (edits.get(name)?.(text) ?? text);
  };
  const source = { list, read: edited };
  return new LinkedTree(source, new FrontEnd(source, cache));
}

/** 64 bits in hexadecimal. */
export const hex = (value) => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;

/** Cells padded to the widest of their column. */
export function tableLines(rows) {
  const widths = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd(),
  );
}
