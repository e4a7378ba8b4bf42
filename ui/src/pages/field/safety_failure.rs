//! What is said about an item that failed: what becomes of it, who mends it, to whom it is handed.

use domain::checklist::Item;
use domain::hazard::{HandedTo, HazardState, Responsible};
use domain::inspection::{HazardForm, InspectionForm, Outcome};
use ui_protocol::safety::HazardRow;
use yew::prelude::*;

use crate::hooks::Draft;
use crate::parts::{Said, SelectField, Tag, TextField, Tone, options};
use crate::words::{Label, use_words};

/// Properties of [`Failure`].
#[derive(Properties)]
pub struct FailureProps {
    /// What failed.
    pub item: Item,
    /// The check.
    pub draft: Draft<InspectionForm>,
    /// What is said about it.
    pub hazard: HazardForm,
    /// By when it is mended, `YYYY-MM-DD`.
    pub due: Option<String>,
    /// The device's today.
    pub today: AttrValue,
    /// It was found before: this looks at it again.
    pub known: Option<HazardRow>,
    /// What is said beside the description.
    pub description_said: Option<Said>,
    /// What is said beside the office.
    pub handed_said: Option<Said>,
}

impl PartialEq for FailureProps {
    fn eq(&self, other: &FailureProps) -> bool {
        // The draft is the same one as long as the page is.
        self.item == other.item
            && self.hazard == other.hazard
            && self.due == other.due
            && self.known == other.known
            && self.description_said == other.description_said
            && self.handed_said == other.handed_said
    }
}

/// The sheet of a hazard, under its item.
#[component(Failure)]
pub fn failure(props: &FailureProps) -> Html {
    let words = use_words();
    let (item, hazard) = (props.item, &props.hazard);
    let change = |put: fn(&mut HazardForm, String)| {
        props.draft.set(move |form, text| put(form.hazards.entry(item.code().to_owned()).or_default(), text))
    };
    let id = |field: &str| format!("hazards.{}.{field}", item.code());
    let choose = |outcome: Outcome, label: &'static str| {
        let draft = props.draft.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            draft.change(|form| form.hazards.entry(item.code().to_owned()).or_default().outcome = outcome);
        });
        let here = hazard.outcome == outcome;
        html! { <button type="button" class="tap" aria-pressed={here.to_string()} {onclick}>{ label }</button> }
    };
    let handed = props.known.as_ref().is_some_and(|known| known.state == HazardState::HandedOver);
    let (named, noticed, fixed) = match &props.known {
        None => (words.check_hazard(), words.outcome_noticed(), words.outcome_fixed()),
        Some(_) if handed => (words.hazard_recheck(), words.hazard_not_fixed_handed(), words.hazard_fixed()),
        Some(_) => (words.hazard_recheck(), words.hazard_not_fixed(), words.hazard_fixed()),
    };
    let hand_over = if item.severity() >= 3 { words.outcome_handed_same_day() } else { words.outcome_handed() };
    html! {
        <div class="failure" role="group" aria-label={named}>
            <p class="failure-head">
                <Tag text={words.severity(item.severity())} tone={if item.severity() >= 3 { Tone::Bad } else { Tone::Wait }} />
                if let (Outcome::Noticed, Some(due), false) = (hazard.outcome, &props.due, handed) {
                    <span class="quiet">{ words.outcome_due(due, &props.today) }</span>
                }
            </p>
            if let Some(known) = &props.known {
                <p class="check-help">{ words.check_found_before(known, &props.today) }</p>
            }
            <div class="taps" role="group" aria-label={words.check_outcome()}>
                { choose(Outcome::Noticed, noticed) }
                { choose(Outcome::FixedOnSpot, fixed) }
                { choose(Outcome::HandedOver, hand_over) }
            </div>
            if hazard.wants_hand_over(item) && !handed {
                <p class="check-help failure-grave" role="status">{ words.hazard_wants_hand_over() }</p>
            }
            if hazard.outcome == Outcome::HandedOver {
                <SelectField id={id("handed_to")} label={words.check_handed_to()} value={hazard.handed_to.map(Label::stored).unwrap_or_default()}
                    choices={options::<HandedTo>(words)} none={words.choose()} required=true said={props.handed_said.clone()}
                    on_change={change(|hazard, code| hazard.handed_to = HandedTo::read(&code))} />
            }
            <TextField id={id("description")} label={words.check_description()} value={hazard.description.clone()} hint={words.check_description_hint()}
                said={props.description_said.clone()} on_change={change(|hazard, text| hazard.description = text)} />
            <SelectField id={id("responsible")} label={words.check_responsible()} value={hazard.responsible.stored()}
                choices={options::<Responsible>(words)}
                on_change={change(|hazard, code| if let Some(who) = Responsible::read(&code) { hazard.responsible = who })} />
        </div>
    }
}
