//! `bundle <input.wasm> <out-dir> <name>`: writes `<name>.js` and `<name>_bg.wasm` for `<script type="module">`.
//!
//! This is what `wasm-bindgen --target web` does, from the same library: a cargo dependency with the workspace's lock file,
//! so that the screens need no tool installed by hand and its version can never differ from the crate's.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, out_dir, name] = arguments.as_slice() else {
        bail!("usage: bundle <input.wasm> <out-dir> <name>");
    };
    let (input, out_dir) = (PathBuf::from(input), PathBuf::from(out_dir));
    let mut bindgen = Bindgen::new();
    bindgen.web(true).context("choosing the web target")?;
    bindgen
        .input_path(&input)
        .out_name(name)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out_dir)
        .with_context(|| format!("bundling {}", input.display()))
}
