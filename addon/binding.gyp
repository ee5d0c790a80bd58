{
  "targets": [
    {
      "target_name": "auditql",
      "sources": ["<!@(node -p \"require('fs').readdirSync('bridge').filter(f=>f.endsWith('.cc')).map(f=>'bridge/'+f).sort().join(' ')\")"],
      "libraries": ["-Wl,--whole-archive", "<(module_root_dir)/../build/addon/plain/libauditql_extension.a", "-Wl,--no-whole-archive"],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        "../node_modules/better-sqlite3/deps/sqlite3"
      ],
      "defines": ["NAPI_VERSION=9", "NAPI_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O2", "-g1", "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-fvisibility=hidden", "-fexceptions"],
      "ldflags": ["-Wl,-z,nodelete"]
    }
  ]
}
