const C = require('./base-grammar.js');
const commaSep = (r) => optional(seq(r, repeat(seq(',', r))));
const ATTR =
  '__user __iomem __percpu __rcu __kernel __force __nocast __private __bitwise __init __exit __initdata __exitdata __initconst __meminit __net_init __net_exit __refdata __ref __must_check __always_inline __always_unused __maybe_unused __unused __used __packed __pure __cold __noreturn __weak __malloc __visible __ro_after_init __read_mostly __cacheline_aligned ____cacheline_aligned ____cacheline_aligned_in_smp __cacheline_aligned_in_smp noinline noinline_for_stack __attribute_const__ __randomize_layout notrace noinstr __sched asmlinkage __nonstring __no_context_analysis VISIBLE_IF_KUNIT __pt_always_inline __initdata_or_module __uninitialized __no_sanitize_address __latent_entropy __inline __restrict __kprobes __bpf_kfunc'.split(
    ' ',
  );
const ATTRA =
  '__free __must_hold __must_not_hold __acquires __releases __acquires_shared __releases_shared __must_hold_shared __cond_acquires __context_unsafe __counted_by __counted_by_le __counted_by_be __counted_by_ptr __printf __scanf __aligned __section __cleanup __guarded_by __pt_guarded_by __no_sanitize __alias __malloc'.split(
    ' ',
  );
module.exports = grammar(C, {
  name: 'kernel_c',
  extras: ($, o) => o.concat([$.kernel_attribute]),
  externals: ($, o) => (o || []).concat([$.kernel_attribute]),
  conflicts: ($, o) =>
    o.concat(require('./conflicts.json').map((l) => l.map((n) => $[n]))).concat([]),
  rules: {
    // foo(struct bar, ...) / foo(struct bar *, ...) / foo(unsigned int, ...)
    argument_list: ($, o) =>
      seq('(', commaSep(choice($.expression, $.compound_statement, $.type_argument)), ')'),
    type_argument: ($) =>
      prec.dynamic(
        -1,
        seq(
          optional('const'),
          choice(
            seq(choice('struct', 'union', 'enum'), alias($.identifier, $.type_identifier)),
            $.primitive_type,
            $.sized_type_specifier,
          ),
          repeat('*'),
        ),
      ),
    case_statement: ($, o) =>
      prec.right(
        seq(
          choice(
            seq(
              'case',
              field('value', $.expression),
              optional(seq('...', field('end', $.expression))),
            ),
            'default',
          ),
          ':',
          repeat(choice($._non_case_statement, $.declaration, $.type_definition)),
        ),
      ),
    // list_for_each_entry(a, b, c) stmt
    iterator_name: (_) =>
      token(
        prec(
          1,
          /[a-zA-Z_0-9]*for_?each[a-zA-Z_0-9]*|scoped_guard|scoped_cond_guard|skb_queue_walk[a-z_]*|scoped_with_[a-z_]+|[a-z_]*_foreach[a-z_0-9]*/,
        ),
      ),
    iterator_statement: ($) =>
      seq(
        field('macro', alias($.iterator_name, $.identifier)),
        field('arguments', $.argument_list),
        field('body', $.statement),
      ),
    // scoped_guard(mutex, &l) { }   any_macro(args) { }
    macro_block_statement: ($) =>
      seq(
        field('macro', $.identifier),
        field('arguments', $.argument_list),
        field('body', $.compound_statement),
      ),
    _non_case_statement: ($, o) => choice(o, $.iterator_statement, $.macro_block_statement),
    offsetof_expression: ($) =>
      prec(
        8,
        seq(
          'offsetof',
          '(',
          field('type', $.type_descriptor),
          ',',
          field('member', $.expression),
          ')',
        ),
      ),
    alignof_expression: ($, o) =>
      choice(o, prec(13, seq(choice('__alignof__', '_Alignof'), '(', $.unary_expression_arg, ')'))),
    unary_expression_arg: ($) => $.pointer_expression,
    preproc_params: ($) =>
      seq(
        token.immediate('('),
        commaSep(choice($.identifier, '...', seq($.identifier, '...'))),
        ')',
      ),
    field_declaration: ($, o) => choice(o, seq($._declaration_specifiers, $.bitfield_clause, ';')),
    typeof_specifier: ($) =>
      seq(
        choice('typeof', '__typeof__', 'typeof_unqual'),
        '(',
        choice($.expression, $.type_descriptor),
        ')',
      ),
    type_specifier: ($, o) => choice(...o.members, $.typeof_specifier),
    // static DEFINE_RATELIMIT_STATE(rs, 5 * HZ, 1);   static DEVICE_ATTR(...);
    macro_declaration: ($) =>
      prec.dynamic(
        -1,
        seq(
          $.storage_class_specifier,
          field('macro', $.identifier),
          field('arguments', $.argument_list),
          ';',
        ),
      ),
    _block_item: ($, o) => choice(o, $.macro_declaration),
    _top_level_item: ($, o) => choice(o, $.macro_declaration),
  },
});
