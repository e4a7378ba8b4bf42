//! What pages are drawn with: properties in, callbacks out. Nothing here asks anybody anything.

mod buttons;
mod cells;
mod choosing;
mod combobox;
mod dialog;
mod fields;
mod frame;
mod icons;
mod lists;
mod qr;
mod signing;
mod states;
mod tags;
mod toast;

pub use buttons::{Button, Chip, Look};
pub use cells::{Cells, Fact, LinkCell, PhoneLink};
pub use choosing::{DateField, Fold, QuickChoices, SelectField, SwitchField};
pub use combobox::Combobox;
pub use dialog::{Dialog, Sheet};
pub use fields::{Choices, InputKind, NoteField, Said, TextField, focus, focus_first_problem, options};
pub use frame::{Screen, Tab, TabBar};
pub use icons::{Icon, Shape};
pub use lists::{More, SearchBar};
pub use qr::QrCode;
pub use signing::{SignPad, Signature};
pub use states::{Banner, Empty, Skeleton, Tone, Trouble, answered};
pub use tags::{DueTag, Tag};
pub use toast::Toast;
