//! Somebody stays longer than they said.

use domain::RecordId;
use domain::codes::IntendedStay;
use ui_protocol::people::ExtendStay;
use yew::prelude::*;

use crate::hooks::{use_frame, use_notices, use_submit};
use crate::parts::{Button, Cells, Look, SelectField, Trouble, options};
use crate::words::{Label, use_words};

/// Days before the end from which on it is asked.
const ASKED_DAYS: i64 = 31;

/// Properties of [`Extend`].
#[derive(Properties, PartialEq)]
pub struct ExtendProps {
    /// The registration.
    pub residency: RecordId,
    /// The last day they said, `YYYY-MM-DD`; empty when they said none.
    pub until: AttrValue,
}

/// Near the end of the intended stay and after it: how long from today.
#[component(Extend)]
pub fn extend(props: &ExtendProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let chosen = use_state(|| None::<IntendedStay>);
    let submit = use_submit::<ExtendStay>({
        let chosen = chosen.setter();
        Callback::from(move |_| {
            chosen.set(None);
            notices.say(words.saved_waiting());
        })
    });
    let until = props.until.parse::<chrono::NaiveDate>().ok();
    let Some(until) = until.filter(|until| (*until - frame.today_date()).num_days() <= ASKED_DAYS) else {
        return Html::default();
    };
    let title = words.stay_ends(&words.day(&props.until, frame.today()), until < frame.today_date());
    html! {
        <Cells {title}>
            <SelectField id="extend" label={words.stay_longer()} value={chosen.map(Label::stored).unwrap_or_default()}
                choices={options::<IntendedStay>(words)} none={words.choose()} on_change={
                    let chosen = chosen.setter();
                    move |code: String| chosen.set(IntendedStay::read(&code))
                } />
            if let Some(intended) = *chosen {
                <div class="weui-cell">
                    <Button look={Look::Small} label={words.stay_extend()} busy={submit.state.is_busy()} busy_label={words.saving()} on_click={
                        let (send, residency) = (submit.send.clone(), props.residency);
                        move |()| send.emit(ExtendStay { residency, intended })
                    } />
                </div>
            }
            if let Some(error) = submit.state.error() {
                <Trouble error={error.clone()} />
            }
        </Cells>
    }
}
