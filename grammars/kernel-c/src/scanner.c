#include "tree_sitter/parser.h"
enum { KERNEL_ATTRIBUTE };
typedef struct { const char *s; unsigned char len, args; } A;
static const A T[] = {
  {"INDIRECT_CALLABLE_SCOPE", 23, 0},
  {"____cacheline_aligned", 21, 0},
  {"____cacheline_aligned_in_smp", 28, 0},
  {"__acquires", 10, 1},
  {"__acquires_shared", 17, 1},
  {"__alias", 7, 1},
  {"__aligned", 9, 1},
  {"__always_inline", 15, 0},
  {"__always_unused", 15, 0},
  {"__attribute_const__", 19, 0},
  {"__attribute", 11, 1},
  {"__attribute__", 13, 1},
  {"__bitwise", 9, 0},
  {"__bpf_kfunc", 11, 0},
  {"__cacheline_aligned", 19, 0},
  {"__cacheline_aligned_in_smp", 26, 0},
  {"__cleanup", 9, 1},
  {"__cold", 6, 0},
  {"__cond_acquires", 15, 1},
  {"__context_unsafe", 16, 1},
  {"__counted_by", 12, 1},
  {"__counted_by_be", 15, 1},
  {"__counted_by_le", 15, 1},
  {"__counted_by_ptr", 16, 1},
  {"__exit", 6, 0},
  {"__exitdata", 10, 0},
  {"__force", 7, 0},
  {"__free", 6, 1},
  {"__guarded_by", 12, 1},
  {"__init", 6, 0},
  {"__initconst", 11, 0},
  {"__initdata", 10, 0},
  {"__initdata_or_module", 20, 0},
  {"__inline", 8, 0},
  {"__iomem", 7, 0},
  {"__kernel", 8, 0},
  {"__kprobes", 9, 0},
  {"__latent_entropy", 16, 0},
  {"__malloc", 8, 1},
  {"__maybe_unused", 14, 0},
  {"__meminit", 9, 0},
  {"__must_check", 12, 0},
  {"__must_hold", 11, 1},
  {"__must_hold_shared", 18, 1},
  {"__must_not_hold", 15, 1},
  {"__net_exit", 10, 0},
  {"__net_init", 10, 0},
  {"__no_context_analysis", 21, 0},
  {"__noipa", 7, 0},
  {"__no_sanitize", 13, 1},
  {"__no_sanitize_address", 21, 0},
  {"__nocast", 8, 0},
  {"__nonstring", 11, 0},
  {"__noreturn", 10, 0},
  {"__packed", 8, 0},
  {"__percpu", 8, 0},
  {"__printf", 8, 1},
  {"__private", 9, 0},
  {"__pt_always_inline", 18, 0},
  {"__pt_guarded_by", 15, 1},
  {"__pure", 6, 0},
  {"__randomize_layout", 18, 0},
  {"__rcu", 5, 0},
  {"__read_mostly", 13, 0},
  {"__ref", 5, 0},
  {"__refdata", 9, 0},
  {"__releases", 10, 1},
  {"__releases_shared", 17, 1},
  {"__restrict", 10, 0},
  {"__ro_after_init", 15, 0},
  {"__scanf", 7, 1},
  {"__sched", 7, 0},
  {"__section", 9, 1},
  {"__uninitialized", 15, 0},
  {"__unused", 8, 0},
  {"__used", 6, 0},
  {"__user", 6, 0},
  {"__visible", 9, 0},
  {"__weak", 6, 0},
  {"asmlinkage", 10, 0},
  {"noinline", 8, 0},
  {"noinline_for_stack", 18, 0},
  {"noinstr", 7, 0},
  {"notrace", 7, 0},
};
void *tree_sitter_kernel_c_external_scanner_create(void) { return 0; }
void tree_sitter_kernel_c_external_scanner_destroy(void *p) {}
unsigned tree_sitter_kernel_c_external_scanner_serialize(void *p, char *b) { return 0; }
void tree_sitter_kernel_c_external_scanner_deserialize(void *p, const char *b, unsigned n) {}
static int idc(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
bool tree_sitter_kernel_c_external_scanner_scan(void *p, TSLexer *lx, const bool *valid) {
  if (!valid[KERNEL_ATTRIBUTE]) return false;
  while (lx->lookahead == ' ' || lx->lookahead == '\t' || lx->lookahead == '\n' || lx->lookahead == '\r') lx->advance(lx, true);
  int c = lx->lookahead;
  if (c != '_' && c != 'n' && c != 'a' && c != 'V' && c != 'I') return false;
  char b[40]; unsigned n = 0;
  while (idc(lx->lookahead)) { if (n >= sizeof b) return false; b[n++] = (char)lx->lookahead; lx->advance(lx, false); }
  int lo = -1;
  for (unsigned i = 0; i < sizeof T / sizeof T[0]; i++) {
    if (T[i].len != n) continue;
    unsigned k = 0; while (k < n && T[i].s[k] == b[k]) k++;
    if (k == n) { lo = (int)i; break; }
  }
  if (lo < 0) {
    // Symbols that are exported for tests only: VISIBLE_IF_KUNIT and its variants per subsystem.
    static const char visible[] = "VISIBLE_IF_";
    if (n <= 11) return false;
    for (unsigned k = 0; k < 11; k++) if (b[k] != visible[k]) return false;
    lx->mark_end(lx);
    lx->result_symbol = KERNEL_ATTRIBUTE;
    return true;
  }
  lx->mark_end(lx);
  if (T[lo].args) {
    while (lx->lookahead == ' ' || lx->lookahead == '\t') lx->advance(lx, false);
    if (lx->lookahead != '(') { if (b[0]=='_' && n==8 && b[2]=='m') { lx->result_symbol = KERNEL_ATTRIBUTE; return true; } return false; }
    int d = 0;
    do { if (lx->lookahead == '(') d++; else if (lx->lookahead == ')') d--; else if (lx->lookahead == 0 || lx->lookahead == ';' || lx->lookahead == '{') return false; lx->advance(lx, false); } while (d > 0);
    lx->mark_end(lx);
  }
  lx->result_symbol = KERNEL_ATTRIBUTE;
  return true;
}
