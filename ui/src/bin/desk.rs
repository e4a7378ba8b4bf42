//! The desk bundle: the officer's page.

use ui::pages::desk::DeskApp;

fn main() {
    yew::Renderer::<DeskApp>::new().render();
}
