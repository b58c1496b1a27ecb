import type { Call, Expr, FunctionIr } from '../program/ir.ts';
import type { Unit, UnitFunction } from '../program/unit.ts';
import type { Problem } from '../text/problem.ts';
import { isOfInterest } from './contracts/contract.ts';
import { createRunContext } from './context.ts';
import { careful, ordinary, variableLocations, type Bounds, type Run, type UnitContext } from './engine/run.ts';
