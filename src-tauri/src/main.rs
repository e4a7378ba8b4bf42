//! The window's program; all of it is in the library, because a phone starts the same code another way.

// A released Windows app opens no console beside its window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    doorstep_window::run();
}
