{
  "targets": [
    {
      "target_name": "kernel_c",
      "sources": ["bindings/node/binding.c", "src/parser.c", "src/scanner.c"],
      "include_dirs": ["src"],
      "defines": ["NAPI_VERSION=8"],
      "conditions": [["OS!='win'", { "cflags_c": ["-std=c11"] }, { "cflags_c": ["/std:c11", "/utf-8"] }]],
    }
  ]
}
