// Kernel C: what Linux source looks like before the preprocessor, as an extension of tree-sitter-c.
// The text comes without `#if` lines and without directives inside items (server/syntax blanks them), so no rule here knows them.
// Kernel attributes such as `__iomem` come from the scanner and may stand anywhere.
const C = require('tree-sitter-c/grammar.js');
const { PREC } = C;

/** Like the base grammar's: any number of rules with commas between. */
const commaSep = (rule) => optional(seq(rule, repeat(seq(',', rule))));

/** Every directive but the conditional ones. */
const directives = ($) => [
  $.preproc_include,
  $.preproc_def,
  $.preproc_function_def,
  $.preproc_call,
];

/** Operators that a macro takes as an argument: `V4L2_FRACT_COMPARE(a, <=, b)`. */
const operators = '== != < > <= >= + - * / % & | ^ && || << >> = += -= |= &='.split(' ');

/** A use of a macro after words such as `static`, which only a declaration can follow. */
const declaringMacro = ($) =>
  seq(
    repeat1(choice($.storage_class_specifier, $.type_qualifier)),
    field('macro', $.identifier),
    field('arguments', $.argument_list),
  );

module.exports = grammar(C, {
  name: 'kernel_c',

  extras: ($, original) => original.concat([$.kernel_attribute]),
  externals: ($) => [$.kernel_attribute],

  conflicts: ($) => [
    [$.type_specifier, $._declarator],
    [$.type_specifier, $.expression],
    [$.type_specifier, $.sized_type_specifier],
    [$.sized_type_specifier],
    [$.enum_specifier],
    [$.function_declarator, $._function_declaration_declarator],
    [$.type_specifier, $._top_level_expression_statement],
    [$.type_qualifier, $.extension_expression],
    [$._declarator, $._pointer_in_parentheses],
    [$.call_expression, $.iterator_statement],
    [$.goto_statement, $._open_goto],
    [$.comma_expression, $._open_return],
    [$.continue_statement, $._open_continue],
    [$.break_statement, $._open_break],
    [$.return_statement, $._open_return],
    [$.expression],
    [$.comma_expression, $.initializer_pair],
    [$._field_declarator, $.macro_parameter],
    [$.pointer_field_declarator, $.macro_parameter],
    [$.expression_statement, $._open_if],
    [$.call_expression, $._macro_use, $._open_if],
    [$.comma_expression, $._open_if],
    [$.expression, $.concatenated_string],
    [$.type_specifier, $.expression, $.macro_field_declaration],
    [$._declarator, $.macro_parameter],
    [$._declaration_declarator, $.macro_parameter],
    [$.pointer_declarator, $.macro_parameter],
    [$.if_statement, $.expression, $._open_if],
    [$.initializer_list, $.concatenated_string],
    [$.expression, $.initializer_list],
    [$.comma_expression, $._initializer],
    [$.compound_statement, $.initializer_list],
    [$.concatenated_string],
    [$._declaration_modifiers, $.type_argument],
    [$.type_specifier, $._string_of_macros],
    [$.type_specifier, $.expression, $.type_argument],
    [$.type_specifier, $.type_argument],
    [$._string, $.concatenated_string],
    [$.type_specifier, $.macro_field_declaration],
    [$.enumerator_list],
    [$.attributed_statement],
    [$.if_statement, $.expression],
    [$._declaration_modifiers, $.macro_function_definition, $.macro_declaration],
    [$._declaration_modifiers, $.attributed_statement],
    [$.function_definition, $.type_specifier],
  ],

  rules: {
    // At the top level and in functions

    _top_level_item: ($) =>
      choice(
        $.function_definition,
        $.macro_function_definition,
        $.declaration,
        $.macro_declaration,
        $._top_level_statement,
        $.type_definition,
        $._empty_declaration,
        ...directives($),
      ),

    _block_item: ($) =>
      choice(
        $.declaration,
        $.macro_declaration,
        $.statement,
        $.type_definition,
        $._empty_declaration,
        ...directives($),
      ),

    // STATIC void f(void) { … }
    function_definition: ($) =>
      seq(
        optional(seq(repeat($._declaration_modifiers), alias($.identifier, $.macro_modifier))),
        $._declaration_specifiers,
        field('declarator', $._declarator),
        field('body', $.compound_statement),
      ),

    // BPF_CALL_1(name, u32, arg) { … }
    macro_function_definition: ($) =>
      seq(choice($._macro_use, declaringMacro($)), field('body', $.compound_statement)),

    // static DEFINE_MUTEX(lock);   DECLARE_BITMAP(busy, 8) = { 0 };
    macro_declaration: ($) =>
      prec.dynamic(
        -1,
        choice(
          seq(declaringMacro($), optional($._macro_initializer), ';'),
          // static DRIVER_COMMAND(name), without a semicolon
          prec(-1, declaringMacro($)),
          seq(field('macro', $.call_expression), '=', field('value', $.initializer_list), ';'),
        ),
      ),
    _macro_initializer: ($) => seq('=', field('value', choice($.initializer_list, $.expression))),
    // A use of a macro that stands for something else than an expression. The parser tells it from a call by what follows.
    _macro_use: ($) =>
      prec(-1, seq(field('macro', $.expression), field('arguments', $.argument_list))),
    // A call whose callee is a name, where any expression would be ambiguous.
    _named_call: ($) =>
      prec(1, seq(field('function', $.identifier), field('arguments', $.argument_list))),
    _macro_initializer: ($) => seq('=', field('value', choice($.initializer_list, $.expression))),

    // Preprocessor

    preproc_params: ($) =>
      seq(
        token.immediate('('),
        commaSep(choice($.identifier, '...', seq($.identifier, '...'))),
        ')',
      ),

    // A macro's body goes on after a comment in it, and ends with its last continuation line.
    preproc_arg: () =>
      token(
        prec(
          -1,
          seq(
            choice(/[^\s/\\]/, /\/[^*/\s\\]/, /\\\S/),
            repeat(
              choice(
                /[^/\n\\]/,
                /\/?\\(.|\r?\n)/,
                /\/[^*/\n\\]/,
                /\/\*([^*]|\*+[^*/])*\*+\//,
                /\/\/[^\n]*/,
              ),
            ),
            optional('/'),
          ),
        ),
      ),

    // Declarations

    type_specifier: ($, original) =>
      choice(
        ...original.members.filter(({ name }) => name !== 'macro_type_specifier'),
        $.typeof_specifier,
        prec.dynamic(1, alias($.typedef_name, $.type_identifier)),
      ),

    // Names that say of themselves that they are types. `(u64)(x)` is a cast, `(y)(x)` is a call.
    typedef_name: () =>
      token(prec(1, /_{0,2}[us](8|16|32|64|128)|__[bl]e(16|32|64)|[a-z][a-z0-9_]*_t/)),

    // irqreturn_t (*handler)(int irq, void *data); is no call, although a macro could be called like that
    _function_declaration_declarator: ($, original) => choice(original, $._function_pointer),
    _function_pointer: ($) =>
      prec.dynamic(
        12,
        seq(
          field('declarator', alias($._pointer_in_parentheses, $.parenthesized_declarator)),
          field('parameters', $.parameter_list),
        ),
      ),
    _pointer_in_parentheses: ($) => seq('(', $.pointer_declarator, ')'),

    typeof_specifier: ($) =>
      choice(
        seq(
          choice('typeof', '__typeof__', '__typeof', 'typeof_unqual', '__unqual_scalar_typeof'),
          '(',
          choice($.expression, $.type_descriptor),
          ')',
        ),
        seq(
          'typeof_member',
          '(',
          field('type', $.type_descriptor),
          ',',
          field('member', $.expression),
          ')',
        ),
      ),

    _field_declaration_declarator: ($) =>
      seq($._field_with_width, repeat(seq(',', $._field_with_width))),
    _field_with_width: ($) =>
      choice(
        seq(field('declarator', $._field_declarator), optional($.bitfield_clause)),
        $.bitfield_clause,
      ),

    _field_declaration_list_item: ($) =>
      choice($.field_declaration, $.macro_field_declaration, ...directives($)),

    // DECLARE_BITMAP(name, 8);   struct_group(name, u32 a; u32 b; );
    macro_field_declaration: ($) =>
      seq(
        field('macro', $.identifier),
        field('arguments', alias($.field_argument_list, $.argument_list)),
        optional(';'),
      ),
    field_argument_list: ($) =>
      seq('(', optional($._field_argument), repeat(seq(',', optional($._field_argument))), ')'),
    _field_argument: ($) =>
      choice(
        $.expression,
        $.type_argument,
        $.macro_parameter,
        repeat1($._field_declaration_list_item),
      ),

    enumerator_list: ($) =>
      seq(
        '{',
        repeat(choice(seq(choice($.enumerator, $.enumerator_macro), ','), $.enumerator_macro)),
        optional(choice($.enumerator, $.enumerator_macro)),
        '}',
      ),
    // An X-macro that stands for enumerators.
    enumerator_macro: ($) => seq(field('macro', $.identifier), field('arguments', $.argument_list)),

    // Statements

    _non_case_statement: ($, original) =>
      choice(...original.members, $.iterator_statement, $.macro_block_statement, $.macro_statement),

    _top_level_statement: ($, original) => choice(...original.members, $.macro_statement),

    case_statement: ($) =>
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
          repeat(
            choice($._non_case_statement, $.declaration, $.macro_declaration, $.type_definition),
          ),
        ),
      ),

    labeled_statement: ($) =>
      seq(
        field(
          'label',
          choice($._statement_identifier, alias($.typedef_name, $.statement_identifier)),
        ),
        ':',
        choice($.declaration, $.statement),
      ),

    // list_for_each_entry(a, b, c) statement
    iterator_statement: ($) =>
      prec.dynamic(
        -1,
        seq(
          field('macro', $._iterator_callee),
          field('arguments', $.argument_list),
          field('body', $.statement),
        ),
      ),
    _iterator_callee: ($) => prec(1, alias($.iterator_name, $.identifier)),
    iterator_name: () =>
      token(
        prec(
          1,
          /[a-zA-Z_0-9]*for_?each[a-zA-Z_0-9]*|[A-Z_0-9]*FOR_?EACH[A-Z_0-9]*|for_all_[a-z_0-9]*|scoped_guard|scoped_cond_guard|skb_queue_walk[a-z_]*|scoped_with_[a-z_]+/,
        ),
      ),

    // any_macro(arguments) { … }
    macro_block_statement: ($) =>
      prec.dynamic(-2, seq($._macro_use, field('body', $.compound_statement))),

    // A macro that brings its own semicolon, or that stands before the statement it controls: UNTIL(thread, STOPPED)
    macro_statement: ($) => prec(-1, prec.dynamic(-2, $._macro_use)),

    if_statement: ($) =>
      prec.right(
        seq(
          'if',
          // if time_after(a, b)
          field('condition', choice($.parenthesized_expression, $.call_expression)),
          field('consequence', $.statement),
          optional(field('alternative', $.else_clause)),
        ),
      ),

    // Expressions

    _expression_not_binary: ($, original) =>
      choice(
        ...original.members,
        alias($.iterator_name, $.identifier),
        prec.dynamic(-1, alias($.typedef_name, $.identifier)),
      ),

    // A function can be named like an iterator: device_for_each_child(parent, data, fn)
    call_expression: ($, original) =>
      choice(
        original,
        seq(field('function', $._iterator_callee), field('arguments', $.argument_list)),
      ),

    _assignment_left_expression: ($, original) =>
      choice(...original.members, alias($.typedef_name, $.identifier)),

    // What macros are given: types, statements, operators, nothing.
    argument_list: ($) =>
      seq('(', optional($._argument), repeat(seq(',', optional($._argument))), ')'),
    _argument: ($) =>
      choice(
        $.expression,
        $.compound_statement,
        $.initializer_list,
        $.type_argument,
        $.macro_parameter,
        $.operator_argument,
        $.storage_class_specifier,
        alias($._string_of_macros, $.concatenated_string),
        $.code_argument,
      ),
    operator_argument: () => choice(...operators),
    // nvkm_msec(device, 2000, if (done) break; )
    code_argument: ($) =>
      seq(
        choice(
          alias($._leading_expression_statement, $.expression_statement),
          $.macro_statement,
          $.declaration,
          $.if_statement,
          alias($._open_if, $.if_statement),
          alias($._open_return, $.return_statement),
          alias($._open_break, $.break_statement),
          alias($._open_continue, $.continue_statement),
          alias($._open_goto, $.goto_statement),
          $.for_statement,
          $.while_statement,
          $.do_statement,
          $.switch_statement,
          $.iterator_statement,
          $.return_statement,
          $.break_statement,
          $.continue_statement,
          $.goto_statement,
        ),
        repeat(choice($.statement, $.declaration)),
      ),
    // Without a comma operator, which would make every comma between arguments ambiguous.
    _leading_expression_statement: ($) => seq($.expression, ';'),
    // scoped_cond_guard(mutex_try, return -EBUSY, &lock)
    _open_return: ($) => seq('return', optional($.expression)),
    _open_break: () => 'break',
    _open_continue: () => 'continue',
    _open_goto: ($) => seq('goto', field('label', $._statement_identifier)),
    // DEFINE_FREE(name, struct s *, if (_T) put(_T))
    _open_if: ($) =>
      seq('if', field('condition', $.parenthesized_expression), field('consequence', $.expression)),

    // f(struct s), f(u32 *), f(unsigned int)
    type_argument: ($) =>
      prec.dynamic(
        -1,
        choice(
          seq(
            repeat($.type_qualifier),
            choice(
              $.struct_specifier,
              $.union_specifier,
              $.enum_specifier,
              $.primitive_type,
              $.sized_type_specifier,
              $.typeof_specifier,
            ),
            repeat($.type_qualifier),
            optional($._abstract_declarator),
          ),
          seq(
            repeat($.type_qualifier),
            choice($._type_identifier, alias($.typedef_name, $.type_identifier)),
            $.abstract_pointer_declarator,
          ),
          seq(
            repeat1($.type_qualifier),
            choice($._type_identifier, alias($.typedef_name, $.type_identifier)),
          ),
        ),
      ),

    // TP_PROTO(struct device *dev, u64 iova)
    macro_parameter: ($) =>
      prec.dynamic(
        -2,
        seq(
          $._declaration_specifiers,
          repeat(seq('*', repeat($.type_qualifier))),
          field('declarator', $.identifier),
          choice(
            repeat(seq('[', optional($.expression), ']')),
            field('parameters', $.parameter_list),
          ),
        ),
      ),

    // "a" __stringify(B) "c"
    concatenated_string: ($) =>
      prec.right(
        seq(
          choice(
            seq($.string_literal, $._string_part),
            seq($.identifier, $.string_literal),
            seq($.call_expression, $.string_literal),
          ),
          repeat($._string_part),
        ),
      ),
    _string_part: ($) =>
      choice($.string_literal, $.identifier, alias($._named_call, $.call_expression)),
    // KERN_ERR PFX "a", KERN_DEBUG pr_fmt("a"): only as an argument, since elsewhere two words are a declaration.
    _string_of_macros: ($) =>
      prec.right(
        seq(
          $.identifier,
          repeat($.identifier),
          choice(seq($.identifier, $.string_literal), alias($._named_call, $.call_expression)),
          repeat($._string_part),
        ),
      ),

    initializer_list: ($) =>
      seq(
        '{',
        repeat(choice(seq($._initializer, ','), $.call_expression)),
        optional($._initializer),
        '}',
      ),
    initializer_pair: ($, original) => prec.dynamic(1, original),
    _initializer: ($) => choice($.initializer_pair, $.expression, $.initializer_list),

    // asm_inline volatile (ALTERNATIVE("", "x") : CONSTRAINT, "=r" (a))
    gnu_asm_expression: ($) =>
      prec(
        PREC.CALL,
        seq(
          choice('asm', '__asm__', '__asm', 'asm_inline'),
          repeat($.gnu_asm_qualifier),
          '(',
          field('assembly_code', choice($._string, $.call_expression)),
          optional(
            seq(
              field('output_operands', $.gnu_asm_output_operand_list),
              optional(
                seq(
                  field('input_operands', $.gnu_asm_input_operand_list),
                  optional(
                    seq(
                      field('clobbers', $.gnu_asm_clobber_list),
                      optional(field('goto_labels', $.gnu_asm_goto_list)),
                    ),
                  ),
                ),
              ),
            ),
          ),
          ')',
        ),
      ),
    gnu_asm_output_operand: ($, original) => choice(original, $._operand_macro),
    gnu_asm_input_operand: ($, original) => choice(original, $._operand_macro),
    _operand_macro: ($) => choice($.identifier, alias($._named_call, $.call_expression)),

    offsetof_expression: ($) =>
      prec(
        PREC.OFFSETOF,
        seq(
          'offsetof',
          '(',
          field('type', $.type_descriptor),
          ',',
          field('member', $.expression),
          ')',
        ),
      ),

    alignof_expression: ($) =>
      prec(
        PREC.SIZEOF,
        seq(
          choice('__alignof__', '__alignof', '_alignof', 'alignof', '_Alignof'),
          choice(seq('(', field('type', $.type_descriptor), ')'), field('value', $.expression)),
        ),
      ),

    // A preprocessing number: 0x10UL, 1.5, and what ## completes, as in 10000baseT_Full
    number_literal: () => token(/\.?[0-9]([0-9a-zA-Z_.]|[pP][-+])*/),
  },
});
