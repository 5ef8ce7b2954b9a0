import type Binaryen from 'binaryen';

export type Expr = number;
export type WasmType = number;
export type Api = typeof Binaryen;
/** What binaryen has and its types lack: relaxed SIMD is not among the methods of a module. */
interface Untyped {
  _BinaryenSIMDTernary(module: number, op: number, a: Expr, b: Expr, c: Expr): Expr;
}
/** A local variable of the function being written. */
export interface Local {
  readonly index: number;
  readonly type: WasmType;
}

/** Items of a kernel that a call computes: [from, to). */
export interface Range {
  readonly from: Local;
  readonly to: Local;
}

/** Loaded on first use: the package is large and takes most of a second to start. */
let loading: Promise<Api> | undefined;
export function loadBinaryen(): Promise<Api> {
  loading ??= import('binaryen').then(({ default: api }) => api);
  return loading;
}

/** One module being written: memory and imports of `host`, functions, and a library of functions that are added when first called. */
export class ModuleBuilder {
  readonly api: Api;
  readonly m: Binaryen.Module;
  private readonly madd: boolean;
  private readonly present = new Set<string>();
  private labels = 0;

  /** `madd`: products are added with one rounding, by relaxed SIMD; else with two, by plain SIMD. */
  constructor(api: Api, { madd = false, shared = false } = {}) {
    this.api = api;
    this.madd = madd;
    this.m = new api.Module();
    this.m.setFeatures(
      (madd ? api.Features.RelaxedSIMD : 0) |
        (shared ? api.Features.Atomics : 0) |
        api.Features.SIMD128 |
        api.Features.BulkMemory |
        api.Features.BulkMemoryOpt |
        api.Features.NontrappingFPToInt |
        api.Features.SignExt |
        api.Features.MutableGlobals,
    );
    this.m.addMemoryImport('0', 'host', 'memory', shared);
  }

  /** a * b + c for each lane. */
  multiplyAdd(type: 'f32x4' | 'f64x2', a: Expr, b: Expr, c: Expr): Expr {
    if (!this.madd) return this.m[type].add(this.m[type].mul(a, b), c);
    const { RelaxedMaddVecF32x4, RelaxedMaddVecF64x2 } = this.api;
    const op = type === 'f32x4' ? RelaxedMaddVecF32x4 : RelaxedMaddVecF64x2;
    return (this.api as unknown as Untyped)._BinaryenSIMDTernary(this.m.ptr, op, a, b, c);
  }

  /** A host function of f64 or i32 numbers, imported on first use. */
  host(name: string, params: readonly WasmType[], result: WasmType, args: readonly Expr[]): Expr {
    if (!this.present.has(`host.${name}`)) {
      this.present.add(`host.${name}`);
      this.m.addFunctionImport(`host.${name}`, 'host', name, this.api.createType(params), result);
    }
    return this.m.call(`host.${name}`, args, result);
  }

  /** Calls a library function, which `write` adds on first use. */
  callShared(name: string, write: (builder: ModuleBuilder) => void, args: readonly Expr[], result: WasmType): Expr {
    if (!this.present.has(name)) {
      this.present.add(name);
      write(this);
    }
    return this.m.call(name, args, result);
  }

  label(): string {
    return `L${this.labels++}`;
  }

  define(
    name: string,
    params: readonly WasmType[],
    result: WasmType,
    write: (f: FunctionBuilder, ...params: Local[]) => void,
  ): void {
    const f = new FunctionBuilder(this, params);
    const body = f.collect(() => write(f, ...params.map((type, index) => ({ index, type }))));
    const whole = f.prologue.length === 0 ? body : this.m.block(null, [...f.prologue, body], result);
    this.m.addFunction(name, this.api.createType([...params]), result, f.variables, whole);
  }
}

/** Writes one function, statement by statement. */
export class FunctionBuilder {
  readonly module: ModuleBuilder;
  readonly m: Binaryen.Module;
  readonly variables: WasmType[] = [];
  /** Statements before the body: what it needs in registers all the time. */
  readonly prologue: Expr[] = [];
  private readonly vectors = new Map<string, Local>();
  private readonly parameters: number;
  private statements: Expr[] = [];

  constructor(module: ModuleBuilder, params: readonly WasmType[]) {
    this.module = module;
    this.m = module.m;
    this.parameters = params.length;
  }

  get types(): Api {
    return this.module.api;
  }

  local(type: WasmType): Local {
    this.variables.push(type);
    return { index: this.parameters + this.variables.length - 1, type };
  }

  get = ({ index, type }: Local): Expr => this.m.local.get(index, type);

  set(local: Local, value: Expr): void {
    this.emit(this.m.local.set(local.index, value));
  }

  /** A fresh local that holds `value`. */
  keep(type: WasmType, value: Expr): Local {
    const local = this.local(type);
    this.set(local, value);
    return local;
  }

  /** A v128 of four equal float32 or int32 numbers, loaded once at the start of the function: V8 does not hoist constants from loops. */
  splatted(type: 'f32' | 'i32', value: number): Expr {
    const key = `${type}${Object.is(value, -0) ? '-0' : value}`;
    let local = this.vectors.get(key);
    if (!local) {
      local = this.local(this.types.v128);
      this.vectors.set(key, local);
      const { f32x4, i32x4, f32 } = this.m;
      const lanes = type === 'f32' ? f32x4.splat(f32.const(value)) : i32x4.splat(this.i32(value));
      this.prologue.push(this.m.local.set(local.index, lanes));
    }
    return this.get(local);
  }

  emit(statement: Expr): void {
    this.statements.push(statement);
  }

  /** What `write` emits, as one block. */
  collect(write: () => void): Expr {
    const outer = this.statements;
    this.statements = [];
    write();
    const block = this.statements.length === 1 ? this.statements[0] : this.m.block(null, this.statements);
    this.statements = outer;
    return block;
  }

  i32 = (value: number): Expr => this.m.i32.const(value | 0);

  add(local: Local, amount: number): void {
    if (amount !== 0) this.set(local, this.m.i32.add(this.get(local), this.i32(amount)));
  }

  if(condition: Expr, write: () => void): void {
    this.emit(this.m.if(condition, this.collect(write)));
  }

  ifElse(condition: Expr, yes: () => void, no: () => void): void {
    this.emit(this.m.if(condition, this.collect(yes), this.collect(no)));
  }

  /** Runs the body `count` times (at least once); a single time without a loop. */
  repeat(count: number, body: () => void): void {
    if (count === 1) body();
    else if (count > 1) this.countDown(this.keep(this.types.i32, this.i32(count)), body);
  }

  /** Runs the body as often as `count` says, which may be never. `count` is used up. */
  repeatDynamic(count: Local, body: () => void): void {
    this.if(this.get(count), () => this.countDown(count, body));
  }

  /** Runs the body again and again, until one of the conditions that it hands to `leave` holds. */
  forever(body: (leave: (when: Expr) => void) => void): void {
    const { m } = this;
    const [end, again] = [this.module.label(), this.module.label()];
    const inside = this.collect(() => {
      body((when) => this.emit(m.br_if(end, when)));
      this.emit(m.br(again));
    });
    this.emit(m.block(end, [m.loop(again, inside)]));
  }

  private countDown(count: Local, body: () => void): void {
    const { m } = this;
    const label = this.module.label();
    const inside = this.collect(() => {
      body();
      this.emit(m.br_if(label, m.local.tee(count.index, m.i32.sub(this.get(count), this.i32(1)), this.types.i32)));
    });
    this.emit(m.loop(label, inside));
  }
}
