//! Checks that the screens are there before Tauri packs them into the window.

use std::path::Path;

const SCREENS: &str = "../target/screens/field";

fn main() {
    // Tauri watches the files it knows; a file that appears later would be missed without this line.
    println!("cargo::rerun-if-changed={SCREENS}");
    if !Path::new(SCREENS).join("index.html").exists() {
        println!("cargo::error=the screens are not built yet: run scripts/build-screens first");
        return;
    }
    tauri_build::build();
}
