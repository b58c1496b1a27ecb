import type { AsmOperand, AsmStatement, Local } from '../../cfront/parse/ast.ts';
import type { Exit, LoweredFunction, Step } from '../../cfront/lower/lowered.ts';
import { convert } from '../../cfront/parse/build.ts';
import { alignOf, sizeOf } from '../../cfront/types/layout.ts';
import { storerFor } from './access.ts';
import type { Code, CodeBlock, Evaluate, Frame, Receive } from './executor.ts';
import { ExpressionCompiler } from './expressionCompiler.ts';
import type { Slot } from './expressionCompiler.ts';
import { Stop } from './stop.ts';

/** Frames are aligned like the stack of the ABIs. Unit: bytes. */
const FRAME_ALIGN = 16;

/** Decides for each variable whether it lives in a register or in memory. */
export function assignSlots(locals: readonly Local[]): {
  readonly slots: ReadonlyMap<Local, Slot>;
  readonly registers: number;
  readonly frameSize: number;
} {
  const slots = new Map<Local, Slot>();
  let registers = 0;
  let offset = 0;
  for (const local of locals) {
    if (slots.has(local)) continue;
    if (local.inMemory || local.type.kind === 'aggregate' || local.type.kind === 'array') {
      const align = Math.max(1, alignOf(local.type));
      offset = Math.ceil(offset / align) * align;
      slots.set(local, { register: undefined, offset });
      offset += sizeOf(local.type);
    } else slots.set(local, { register: registers++ });
  }
  const frameSize = Math.ceil(offset / FRAME_ALIGN) * FRAME_ALIGN;
  return { slots, registers, frameSize };
}

/** Compiles a lowered function to closures, which any machine can run. */
export function compileFunction(lowered: LoweredFunction): Code {
  const { slots, registers, frameSize } = assignSlots(lowered.locals);
  const expressions = new ExpressionCompiler(slots);
  const compiler = new BlockCompiler(slots, expressions);
  const blocks = lowered.blocks.map(({ steps, exit }): CodeBlock => {
    const made: Evaluate[] = [];
    const locations: number[] = [];
    for (const step of steps) {
      made.push(compiler.step(step));
      locations.push(step.at);
    }
    const exitAt = exit.op === 'jump' ? 0 : exit.at;
    return { steps: made, locations, exitAt, next: compiler.exit(exit) };
  });
  const parameters = lowered.parameters.map((local) => receiver(slots, local));
  const resultType = lowered.function.type.result;
  return { blocks, registers, frameSize, parameters, resultType, links: expressions.links };
}

function receiver(slots: ReadonlyMap<Local, Slot>, local: Local): Receive {
  const slot = slots.get(local)!;
  if (slot.register !== undefined) {
    const { register } = slot;
    return (frame, value) => {
      frame.registers[register] = value;
    };
  }
  const store = storerFor(local.type);
  const { offset } = slot;
  return (frame, value) => {
    store(frame.memory, frame.base + offset, value);
  };
}

class BlockCompiler {
  private readonly slots: ReadonlyMap<Local, Slot>;
  private readonly expressions: ExpressionCompiler;

  constructor(slots: ReadonlyMap<Local, Slot>, expressions: ExpressionCompiler) {
    this.slots = slots;
    this.expressions = expressions;
  }

  step(step: Step): Evaluate {
    switch (step.op) {
      case 'evaluate':
        return this.expressions.effect(step.value);
      case 'forget':
        return this.forget(step.local);
      case 'initialize':
        return this.initialize(step.local, step.initializer);
      case 'asm':
        return this.asm(step.statement);
      case 'not-parsed': {
        const { at, message } = step.error;
        return ({ callable }) => {
          const { file, line } = callable.unit.place(at);
          throw new Stop('not-parsed', `${file}:${line}: ${message}`);
        };
      }
    }
  }

  private forget(local: Local): Evaluate {
    if (local.type.kind === 'array' && local.type.variable === true) {
      return () => {
        throw new Stop('builtin', `${local.name}[] has a length that is computed: not executed`);
      };
    }
    const slot = this.slots.get(local)!;
    if (slot.register !== undefined) {
      const { register } = slot;
      return (f) => (f.registers[register] = undefined);
    }
    const { offset } = slot;
    const size = sizeOf(local.type);
    return (f) => {
      f.memory.forget(f.base + offset, size);
      return undefined;
    };
  }

  private initialize(
    local: Local,
    { parts, zeroFill }: (Step & { op: 'initialize' })['initializer'],
  ): Evaluate {
    const slot = this.slots.get(local)!;
    if (slot.register !== undefined) {
      const value = this.expressions.move(parts[0]!.value);
      const { register } = slot;
      return (f) => (f.registers[register] = value(f));
    }
    const fill = this.expressions.initialize(parts, sizeOf(local.type), zeroFill);
    const { offset } = slot;
    return (f) => {
      fill(f, f.base + offset);
      return undefined;
    };
  }

  /**
   * Inline assembly with an empty template is a compiler barrier: an output tied to an input takes its
   * value, every other output keeps what it has. Anything else cannot be executed.
   */
  private asm(statement: AsmStatement): Evaluate {
    if (statement.template.trim() !== '' || statement.hasLabels) {
      const text = statement.template.trim().split('\n')[0]!.slice(0, 60);
      return () => {
        throw new Stop('asm', `inline assembly "${text}" has no model`);
      };
    }
    const moves: Evaluate[] = [];
    for (const input of statement.inputs) {
      const output = tiedOutput(statement, input);
      if (output === undefined) continue;
      const { type, at } = output.value;
      moves.push(
        this.expressions.effect({
          op: 'assign',
          type,
          target: output.value,
          // A register has no type: a pointer may go in and an integer come out.
          value: convert(input.value, type),
          at,
        }),
      );
    }
    return (f) => {
      for (const move of moves) move(f);
      return undefined;
    };
  }

  exit(exit: Exit): (frame: Frame) => number {
    switch (exit.op) {
      case 'jump': {
        const { to } = exit;
        return () => to;
      }
      case 'branch': {
        const condition = this.expressions.condition(exit.condition);
        const { then, otherwise } = exit;
        return (f) => (condition(f) ? then : otherwise);
      }
      case 'switch':
        return this.switchExit(exit);
      case 'return': {
        if (exit.value === undefined) return () => -1;
        const value = this.expressions.move(exit.value);
        if (exit.value.type.kind === 'aggregate') return this.returnStruct(value, exit.value.type);
        return (f) => {
          f.result = value(f);
          return -1;
        };
      }
    }
  }

  private switchExit(exit: Exit & { op: 'switch' }): (frame: Frame) => number {
    const value = this.expressions.value(exit.value);
    const { otherwise } = exit;
    const ranges = exit.cases.filter(({ low, high }) => low !== high);
    const exact = new Map<bigint, number>();
    for (const { low, high, to } of exit.cases) if (low === high) exact.set(low, to);
    return (f) => {
      const selected = BigInt(value(f)!);
      const to = exact.get(selected);
      if (to !== undefined) return to;
      return ranges.find(({ low, high }) => selected >= low && selected <= high)?.to ?? otherwise;
    };
  }

  private returnStruct(value: Evaluate, type: Local['type']): (frame: Frame) => number {
    const size = sizeOf(type);
    return (f) => {
      const from = value(f) as number;
      const to = f.machine.allocateReturned(size);
      f.memory.copy(to, from, size);
      f.result = to;
      return -1;
    };
  }
}

/** The output that an input's constraint (`"0"`, `"[name]"`) says shares its register. */
function tiedOutput(statement: AsmStatement, input: AsmOperand): AsmOperand | undefined {
  const index = /^\d+$/.exec(input.constraint);
  if (index !== null) return statement.outputs[Number(index[0])];
  const name = /^\[(\w+)\]$/.exec(input.constraint)?.[1];
  return statement.outputs.find((output) => output.name !== undefined && output.name === name);
}
