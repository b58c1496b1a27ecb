// Finds the attributes of kernel C: words such as __iomem, and words with arguments such as __free(kfree).
// They may stand anywhere, so they are extras of the grammar. As tokens of the lexer they would multiply its states.
// Only what include/linux or an architecture defines for everyone belongs here, never a driver's macro.
// The wasm is loaded as a side module: no libc.
#include "tree_sitter/parser.h"

enum { KERNEL_ATTRIBUTE };

typedef struct {
	const char *text;
	unsigned char length;
} Word;

#define WORD(text) { text, sizeof(text) - 1 }
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const Word plain_words[] = {
	WORD("INDIRECT_CALLABLE_SCOPE"), WORD("____cacheline_aligned"),
	WORD("____cacheline_aligned_in_smp"), WORD("____cacheline_internodealigned_in_smp"),
	WORD("__aligned_largest"), WORD("__always_inline"), WORD("__always_unused"),
	WORD("__always_used"), WORD("__annotate_jump_table"), WORD("__attribute_const__"),
	WORD("__bitwise"), WORD("__bitwise__"), WORD("__bpf_kfunc"), WORD("__bpfcall"),
	WORD("__cacheline_aligned"), WORD("__cacheline_aligned_in_smp"), WORD("__cold"),
	WORD("__cpuidle"), WORD("__cpumask_var_read_mostly"), WORD("__deprecated"),
	WORD("__designated_init"), WORD("__exit"), WORD("__exitdata"), WORD("__flatten"), WORD("__force"),
	WORD("__gnu_inline"), WORD("__init"), WORD("__init_memblock"), WORD("__init_or_module"),
	WORD("__initconst"), WORD("__initdata"), WORD("__initdata_memblock"),
	WORD("__initdata_or_meminfo"), WORD("__initdata_or_module"), WORD("__inline"), WORD("__inline__"),
	WORD("__iomem"), WORD("__irq_entry"), WORD("__kernel"), WORD("__kprobes"),
	WORD("__latent_entropy"), WORD("__lockfunc"), WORD("__maybe_unused"), WORD("__meminit"),
	WORD("__meminitconst"), WORD("__meminitdata"), WORD("__must_check"), WORD("__net_exit"),
	WORD("__net_init"), WORD("__net_initconst"), WORD("__net_initdata"),
	WORD("__no_context_analysis"), WORD("__no_kasan_or_inline"), WORD("__no_kcsan"),
	WORD("__no_kmsan_checks"), WORD("__no_kstack_erase"), WORD("__no_profile"),
	WORD("__no_randomize_layout"), WORD("__no_sanitize_address"), WORD("__no_sanitize_memory"),
	WORD("__no_sanitize_or_inline"), WORD("__no_sanitize_thread"), WORD("__no_sanitize_undefined"),
	WORD("__no_stack_protector"), WORD("__nocast"), WORD("__nocfi"), WORD("__noclone"),
	WORD("__noendbr"), WORD("__noipa"), WORD("__nonstring"), WORD("__noreturn"), WORD("__nosavedata"),
	WORD("__noscs"), WORD("__notrace_funcgraph"), WORD("__packed"), WORD("__percpu"),
	WORD("__percpu_qual"), WORD("__private"), WORD("__pt_always_inline"), WORD("__pure"),
	WORD("__randomize_layout"), WORD("__rcu"), WORD("__read_mostly"), WORD("__ref"),
	WORD("__refconst"), WORD("__refdata"), WORD("__restrict"), WORD("__retain"),
	WORD("__ro_after_init"), WORD("__safe"), WORD("__sched"), WORD("__seg_gs"),
	WORD("__softirq_entry"), WORD("__uninitialized"), WORD("__unused"), WORD("__used"),
	WORD("__user"), WORD("__visible"), WORD("__weak"), WORD("asmlinkage"), WORD("noinline"),
	WORD("noinline_for_stack"), WORD("noinstr"), WORD("nokprobe_inline"), WORD("notrace"),
};

// These are attributes only with arguments; the name alone is left to the grammar.
static const Word words_with_arguments[] = {
	WORD("__acquires"), WORD("__acquires_ret"), WORD("__acquires_shared"),
	WORD("__acquires_shared_ret"), WORD("__alias"), WORD("__aligned"), WORD("__alloc_size"),
	WORD("__assume_aligned"), WORD("__attribute"), WORD("__attribute__"), WORD("__cleanup"),
	WORD("__compiletime_error"), WORD("__compiletime_warning"), WORD("__cond_acquires"),
	WORD("__cond_acquires_shared"), WORD("__cond_releases"), WORD("__context_unsafe"), WORD("__copy"),
	WORD("__counted_by"), WORD("__counted_by_be"), WORD("__counted_by_le"), WORD("__counted_by_ptr"),
	WORD("__diagnose_as"), WORD("__free"), WORD("__guarded_by"), WORD("__must_hold"),
	WORD("__must_hold_shared"), WORD("__must_not_hold"), WORD("__no_sanitize"),
	WORD("__pass_dynamic_object_size"), WORD("__pass_object_size"), WORD("__printf"),
	WORD("__pt_guarded_by"), WORD("__realloc_size"), WORD("__releases"), WORD("__releases_shared"),
	WORD("__scanf"), WORD("__section"),
};

// Alone or with arguments.
static const Word words_of_both_kinds[] = {
	WORD("__malloc"),
};

// Functions that are visible to tests only: VISIBLE_IF_KUNIT and its variants per subsystem.
static const Word visible_prefix = WORD("VISIBLE_IF_");

enum { LONGEST_WORD = 48 };

void *tree_sitter_kernel_c_external_scanner_create(void)
{
	return 0;
}

void tree_sitter_kernel_c_external_scanner_destroy(void *state)
{
	(void)state;
}

unsigned tree_sitter_kernel_c_external_scanner_serialize(void *state, char *buffer)
{
	(void)state;
	(void)buffer;
	return 0;
}

void tree_sitter_kernel_c_external_scanner_deserialize(void *state, const char *buffer, unsigned length)
{
	(void)state;
	(void)buffer;
	(void)length;
}

static bool is_word_character(int32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static bool starts_with(const char *text, const Word *word)
{
	for (unsigned i = 0; i < word->length; i++)
		if (text[i] != word->text[i])
			return false;
	return true;
}

static bool contains(const Word *table, unsigned count, const char *text, unsigned length)
{
	for (unsigned i = 0; i < count; i++)
		if (table[i].length == length && starts_with(text, &table[i]))
			return true;
	return false;
}

// Moves over balanced parentheses. Fails where a statement ends first, so that an unbalanced one stays local.
static bool skip_arguments(TSLexer *lexer)
{
	int depth = 0;

	do {
		switch (lexer->lookahead) {
		case '(':
			depth++;
			break;
		case ')':
			depth--;
			break;
		case 0:
		case ';':
		case '{':
			return false;
		}
		lexer->advance(lexer, false);
	} while (depth > 0);
	lexer->mark_end(lexer);
	return true;
}

bool tree_sitter_kernel_c_external_scanner_scan(void *state, TSLexer *lexer, const bool *valid_symbols)
{
	char text[LONGEST_WORD];
	unsigned length = 0;

	(void)state;
	if (!valid_symbols[KERNEL_ATTRIBUTE])
		return false;
	while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\n' || lexer->lookahead == '\r')
		lexer->advance(lexer, true);

	// Most words end here: these are the first letters of all that follows.
	switch (lexer->lookahead) {
	case '_':
	case 'a':
	case 'n':
	case 'I':
	case 'V':
		break;
	default:
		return false;
	}
	while (is_word_character(lexer->lookahead)) {
		if (length == LONGEST_WORD)
			return false;
		text[length++] = (char)lexer->lookahead;
		lexer->advance(lexer, false);
	}
	lexer->mark_end(lexer);
	lexer->result_symbol = KERNEL_ATTRIBUTE;

	if (contains(plain_words, COUNT(plain_words), text, length))
		return true;
	if (length > visible_prefix.length && starts_with(text, &visible_prefix))
		return true;

	bool alone = contains(words_of_both_kinds, COUNT(words_of_both_kinds), text, length);
	if (!alone && !contains(words_with_arguments, COUNT(words_with_arguments), text, length))
		return false;
	while (lexer->lookahead == ' ' || lexer->lookahead == '\t')
		lexer->advance(lexer, false);
	return lexer->lookahead == '(' ? skip_arguments(lexer) : alone;
}
