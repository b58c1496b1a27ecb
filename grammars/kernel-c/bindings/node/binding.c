// Hands the native parser to npm tree-sitter: the external value and its tag are what that package asks a grammar for.
#include <node_api.h>

typedef struct TSLanguage TSLanguage;
const TSLanguage *tree_sitter_kernel_c(void);

// "tree-sitter", "language" hashed with BLAKE2, as every grammar addon has it.
static const napi_type_tag language_tag = { 0x8AF2E5212AD58ABF, 0xD5006CAD83ABBA16 };

static napi_value init(napi_env env, napi_value exports)
{
	napi_value name, language;

	napi_create_string_utf8(env, "kernel_c", NAPI_AUTO_LENGTH, &name);
	napi_set_named_property(env, exports, "name", name);
	napi_create_external(env, (void *)tree_sitter_kernel_c(), NULL, NULL, &language);
	napi_type_tag_object(env, language, &language_tag);
	napi_set_named_property(env, exports, "language", language);
	return exports;
}

NAPI_MODULE(NODE_GYP_MODULE_NAME, init)
