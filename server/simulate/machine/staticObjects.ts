import type { StaticObject } from '../../cfront/parse/ast.ts';
import { ParseError } from '../../cfront/parse/parseError.ts';
import { alignOf, isComplete, sizeOf } from '../../cfront/types/layout.ts';
import type { Type } from '../../cfront/types/type.ts';
import type { Unit } from '../../cfront/unit.ts';
import { Arena } from './arena.ts';
import { initializerCode } from './compiledCode.ts';
import type { Executor } from './executor.ts';
import { Frame, loaded } from './executor.ts';
import type { Program } from './program.ts';
import { Stop } from './stop.ts';

/** A pointer, or something with members: what is useless until somebody has set it. */
function mayLeadOn(type: Type): boolean {
  if (type.kind === 'array') return mayLeadOn(type.of);
  return type.kind === 'aggregate' || (type.kind === 'pointer' && type.to.kind !== 'function');
}

/** Gives an object that no linked unit defines its contents, where they are known. */
export type FillExternal = (object: StaticObject, address: number) => void;

/** Places string literals and objects with static storage when they are first needed. */
export class StaticObjects {
  private readonly machine: Executor;
  private readonly program: Program;
  private readonly fillExternal: FillExternal;
  private readonly image: Arena;
  private readonly objects = new Map<StaticObject, number>();
  private readonly externals = new Map<string, number>();
  private readonly strings = new Map<string, number>();

  /** `start` is the address of the first object. */
  constructor(machine: Executor, program: Program, start: number, fillExternal: FillExternal) {
    this.machine = machine;
    this.program = program;
    this.image = new Arena(start);
    this.fillExternal = fillExternal;
  }

  addressOfString(bytes: Uint8Array): number {
    const key = String.fromCharCode(...bytes);
    let address = this.strings.get(key);
    if (address === undefined) {
      address = this.image.take(bytes.length, 1);
      this.machine.memory.back(
        {
          kind: 'string',
          name: JSON.stringify(key.slice(0, -1)),
          start: address,
          size: bytes.length,
        },
        'zero',
      );
      bytes.forEach((byte, i) => {
        this.machine.memory.storeSmall(address! + i, 1, byte);
      });
      this.strings.set(key, address);
    }
    return address;
  }

  addressOfObject(unit: Unit, object: StaticObject): number {
    const known = this.objects.get(object);
    if (known !== undefined) return known;
    if (!object.defined && object.external) {
      const elsewhere = this.program.objectNamed(object.name);
      if (elsewhere !== undefined && elsewhere.symbol !== object) {
        const address = this.addressOfObject(elsewhere.unit, elsewhere.symbol);
        this.objects.set(object, address);
        return address;
      }
      return this.addressOfExternal(object, unit);
    }
    return this.placeObject(unit, object);
  }

  private placeObject(unit: Unit, object: StaticObject): number {
    const { type, name } = object;
    if (!isComplete(type)) throw new Stop('not-parsed', `${name} has an incomplete type`);
    const size = Math.max(1, sizeOf(type), this.flexibleEnd(unit, object));
    const address = this.image.take(size, Math.max(alignOf(type), object.align, 8));
    const { inputs, areGlobalsSet } = this.machine;
    const isSet = areGlobalsSet && object.initializer === undefined && mayLeadOn(type);
    const region = { kind: 'global' as const, name, start: address, size };
    this.machine.memory.back(region, isSet ? 'unwritten' : 'zero');
    if (isSet) inputs?.global(object, address, unit);
    // Known before its initialiser runs: it may refer to itself.
    this.objects.set(object, address);
    if (object.initializer !== undefined) {
      this.initializeObject(unit, object, address);
      this.machine.memory.initial.noteObject(this.machine.memory, address, size);
    }
    return address;
  }

  /** Where the initialiser of a flexible array at the end leads; 0 for objects without one. */
  private flexibleEnd(unit: Unit, object: StaticObject): number {
    if (object.initializer === undefined || !endsFlexibly(object.type)) return 0;
    const parsed = unit.initializerOf(object);
    if (parsed instanceof ParseError) return 0;
    return parsed.parts.reduce((end, { offset, type }) => Math.max(end, offset + sizeOf(type)), 0);
  }

  private initializeObject(unit: Unit, object: StaticObject, address: number): void {
    const { code, fill } = initializerCode(unit, object);
    const base = this.image.take(Math.max(code.frameSize, 16), 16);
    this.machine.memory.back(
      { kind: 'global', name: object.name, start: base, size: code.frameSize + 16 },
      'zero',
    );
    const own = loaded(code);
    const callable = { name: object.name, unit, symbol: undefined, model: undefined };
    const frame = new Frame(
      this.machine,
      { ...callable, code: own, address: 0 },
      { code: own, base, caller: this.machine.frame },
    );
    fill(frame, address);
  }

  private addressOfExternal(object: StaticObject, unit: Unit): number {
    const known = this.externals.get(object.name);
    if (known !== undefined) return known;
    const size = Math.max(sizeOf(object.type), 8);
    const address = this.image.take(size, 64);
    this.externals.set(object.name, address);
    const region = {
      kind: 'external' as const,
      name: `external ${object.name}`,
      start: address,
      size,
    };
    const { inputs, areGlobalsSet } = this.machine;
    if (areGlobalsSet && inputs !== undefined && isList(object.type)) {
      // Whoever defines it made it a list: empty or not, never zero.
      this.machine.memory.back(region, 'unwritten');
      inputs.global(object, address, unit);
      return address;
    }
    this.machine.memory.back(region, 'assumed');
    this.fillExternal(object, address);
    this.machine.memory.initial.noteObject(this.machine.memory, address, size);
    return address;
  }
}

function isList(type: Type): boolean {
  return type.kind === 'aggregate' && type.tag === 'list_head';
}

/** Whether the last member of a struct is an array without a length, or ends in one. */
function endsFlexibly(type: Type): boolean {
  if (type.kind === 'array') return type.count === undefined || type.count === 0;
  const last = type.kind === 'aggregate' ? type.layout?.members.at(-1) : undefined;
  return last !== undefined && endsFlexibly(last.type);
}
