//! The field bundle: the coordinator's and the landlord's app.

use ui::pages::field::FieldApp;

fn main() {
    yew::Renderer::<FieldApp>::new().render();
}
