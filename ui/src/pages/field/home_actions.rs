//! What can be done about a home: registered, paused, let again, closed, taken back.

use domain::RecordId;
use domain::codes::{UnitCloseReason, UnitStatus};
use ui_protocol::people::UndoMistake;
use ui_protocol::units::SetUnitState;
use yew::prelude::*;
use yew_router::prelude::*;

use super::route::Route;
use crate::hooks::{use_notices, use_submit};
use crate::parts::{Button, Dialog, Look, SelectField, Trouble, options};
use crate::words::{Label, Words, use_words};

/// Properties of [`HomeActions`].
#[derive(Properties, PartialEq)]
pub struct HomeActionsProps {
    /// The home.
    pub id: RecordId,
    /// What stands above them.
    pub title: AttrValue,
    /// What is offered, in this order.
    pub offered: Vec<Action>,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Checked: it is registered.
    Register,
    /// Not let for the time being.
    Pause,
    /// Let again.
    Resume,
    /// Not let any more.
    Close,
    /// Entered by mistake.
    TakeBack,
}

impl Action {
    /// What makes sense from where a home stands.
    pub fn of(state: UnitStatus, can_undo: bool) -> Vec<Action> {
        let may = |action: &Action| action.state().is_none_or(|to| state.may_become(to));
        let begun = if state == UnitStatus::Pending { Action::Register } else { Action::Resume };
        let mut actions: Vec<Action> = [begun, Action::Pause, Action::Close].into_iter().filter(may).collect();
        if can_undo {
            actions.push(Action::TakeBack);
        }
        actions
    }

    fn verb(self, words: Words) -> &'static str {
        match self {
            Action::Register => words.home_register(),
            Action::Pause => words.home_pause(),
            Action::Resume => words.home_resume(),
            Action::Close => words.home_close(),
            Action::TakeBack => words.home_mistake(),
        }
    }

    fn question(self, words: Words) -> &'static str {
        match self {
            Action::Register | Action::Resume => words.home_register_ask(),
            Action::Pause => words.home_pause_ask(),
            Action::Close => words.home_close_ask(),
            Action::TakeBack => words.home_mistake_ask(),
        }
    }

    /// The state it leads to, if it leads to one.
    fn state(self) -> Option<UnitStatus> {
        match self {
            Action::Register | Action::Resume => Some(UnitStatus::Registered),
            Action::Pause => Some(UnitStatus::Paused),
            Action::Close => Some(UnitStatus::Closed),
            Action::TakeBack => None,
        }
    }

    fn ends_something(self) -> bool {
        matches!(self, Action::Close | Action::TakeBack)
    }
}

/// Buttons, and the question behind each.
#[component(HomeActions)]
pub fn home_actions(props: &HomeActionsProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let navigator = use_navigator();
    let asking = use_state(|| None::<Action>);
    let reason = use_state(|| UnitCloseReason::Other);
    let set_state = use_submit::<SetUnitState>({
        let (notices, asking) = (notices.clone(), asking.setter());
        Callback::from(move |_| {
            asking.set(None);
            notices.say(words.home_state_changed());
        })
    });
    let undo = use_submit::<UndoMistake>({
        let notices = notices.clone();
        Callback::from(move |_| {
            if let Some(navigator) = &navigator {
                navigator.replace(&Route::Homes);
            }
            notices.say(words.home_undone());
        })
    });
    let id = props.id;
    let on_confirm = {
        let (asking, reason, set_state, undo) = (asking.clone(), reason.clone(), set_state.send.clone(), undo.send.clone());
        Callback::from(move |()| {
            let send = |state, reason| set_state.emit(SetUnitState { id, state, reason });
            match *asking {
                Some(Action::Register | Action::Resume) => send(UnitStatus::Registered, None),
                Some(Action::Pause) => send(UnitStatus::Paused, Some(UnitCloseReason::Stopped)),
                Some(Action::Close) => send(UnitStatus::Closed, Some(*reason)),
                Some(Action::TakeBack) => undo.emit(UndoMistake { record: id }),
                None => {}
            }
        })
    };
    let on_cancel = {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(None))
    };
    if props.offered.is_empty() {
        return Html::default();
    }
    html! {
        <section class="group">
            <div class="group-head"><h2 class="weui-cells__title">{ &props.title }</h2></div>
            <div class="buttons">
                { for props.offered.iter().copied().map(|action| {
                    let on_click = {
                        let asking = asking.setter();
                        Callback::from(move |()| asking.set(Some(action)))
                    };
                    html! { <Button label={action.verb(words)} look={if action.ends_something() { Look::Warn } else { Look::Plain }} {on_click} /> }
                }) }
            </div>
            if let Some(action) = *asking {
                <Dialog title={action.verb(words)} text={action.question(words)} confirm={action.verb(words)} warn={action.ends_something()}
                    busy={set_state.state.is_busy() || undo.state.is_busy()} {on_confirm} {on_cancel}>
                    if action == Action::Close {
                        <SelectField id="close_reason" label={words.home_close_reason()} value={reason.stored()} choices={options::<UnitCloseReason>(words)}
                            on_change={
                                let reason = reason.setter();
                                move |code: String| if let Some(chosen) = UnitCloseReason::read(&code) { reason.set(chosen) }
                            } />
                    }
                    if let Some(error) = set_state.state.error().or(undo.state.error()) {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </section>
    }
}
