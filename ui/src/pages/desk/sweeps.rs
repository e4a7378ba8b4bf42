//! 排查 at the desk: set for villages, with how far each has come.

use domain::access::Role;
use domain::form::{FieldProblem, may_save, parse_date};
use domain::sweep::{SweepForm, SweepKind};
use ui_protocol::Topic;
use ui_protocol::desk::Overview as AskOverview;
use ui_protocol::sweeps::{CloseSweep, SetSweep, SweepRow, Sweeps as AskSweeps};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::app::Officer;
use super::route::records_href;
use crate::hooks::{use_call, use_notices, use_submit};
use crate::parts::{
    Button, DateField, Dialog, Empty, Look, Said, SelectField, Tag, TextField, Tone, Trouble, answered, focus_first_problem,
    options,
};
use crate::words::{Label, Words, use_words};

/// The sweeps of the station's villages.
#[component(Sweeps)]
pub fn sweeps() -> Html {
    let words = use_words();
    let officer = use_context::<Officer>();
    let today = officer.as_ref().map(|officer| officer.me.today.clone()).unwrap_or_default();
    let decides = officer.is_some_and(|officer| officer.me.account.role == Role::Officer);
    let asked = use_call(AskSweeps {}, &[Topic::Units]);
    html! {
        <main class="desk-main">
            <h1>{ words.sweeps_title() }</h1>
            <p class="quiet desk-help">{ words.sweeps_help() }</p>
            if decides && !today.is_empty() {
                <Setting today={today.clone()} />
            }
            { answered(&asked, |reply| if reply.rows.is_empty() {
                html! { <Empty title={words.sweeps_empty()} /> }
            } else {
                table(words, &reply.rows, &today, decides)
            }) }
        </main>
    }
}

fn table(words: Words, rows: &[SweepRow], today: &str, decides: bool) -> Html {
    html! {
        <div class="desk-scroll" tabindex="0" role="region" aria-label={words.sweeps_title()}>
            <table class="desk-table sweeps">
                <thead>
                    <tr>
                        <th scope="col">{ words.sweep_name() }</th>
                        <th scope="col">{ words.sweep_how() }</th>
                        <th scope="col">{ words.desk_area() }</th>
                        <th scope="col">{ words.sweep_from() }</th>
                        <th scope="col">{ words.sweep_until() }</th>
                        <th scope="col">{ words.sweep_progress() }</th>
                        <th scope="col">{ words.desk_state_column() }</th>
                    </tr>
                </thead>
                <tbody>{ for rows.iter().map(|row| html! { <Row key={row.id.to_string()} row={row.clone()} today={today.to_owned()} {decides} /> }) }</tbody>
            </table>
        </div>
    }
}

/// Where a sweep stands today, in a word.
fn standing(words: Words, row: &SweepRow, today: &str) -> (&'static str, Tone) {
    if !row.closed_on.is_empty() {
        (words.sweep_closed(), Tone::Calm)
    } else if row.from.as_str() > today {
        (words.sweep_to_come(), Tone::Calm)
    } else if row.until.as_str() < today {
        (words.sweep_over(), Tone::Bad)
    } else {
        (words.sweep_going(), Tone::Good)
    }
}

/// Properties of [`Row`].
#[derive(Properties, PartialEq)]
struct RowProps {
    row: SweepRow,
    today: AttrValue,
    decides: bool,
}

#[component(Row)]
fn row(props: &RowProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let asking = use_state(|| false);
    let submit = use_submit::<CloseSweep>({
        let asking = asking.setter();
        Callback::from(move |_| {
            asking.set(false);
            notices.say(words.sweep_close_done());
        })
    });
    let show = |on: bool| {
        let asking = asking.setter();
        Callback::from(move |()| asking.set(on))
    };
    let RowProps { row, today, decides } = props;
    let (text, tone) = standing(words, row, today);
    let id = row.id;
    html! {
        <tr>
            <th scope="row">{ &row.name }</th>
            <td>{ words.label(row.how) }</td>
            <td>{ &row.area_name }</td>
            <td>{ words.plain_day(&row.from, today) }</td>
            <td>{ words.plain_day(&row.until, today) }</td>
            <td>
                { words.sweep_share(row.done, row.homes) }
                if !row.left.is_empty() {
                    <details class="sweep-left">
                        <summary>{ words.sweep_left(row.homes.saturating_sub(row.done)) }</summary>
                        <ul>
                            { for row.left.iter().map(|home| html! {
                                <li key={home.id.to_string()}><a href={records_href("unit", "", &home.id.to_string())}>{ &home.title }</a></li>
                            }) }
                        </ul>
                    </details>
                }
            </td>
            <td>
                <div class="sweep-state">
                    <Tag {text} {tone} />
                    if !row.closed_on.is_empty() {
                        { words.plain_day(&row.closed_on, today) }
                    } else if *decides {
                        <Button look={Look::Small} label={words.sweep_close()} on_click={show(true)} />
                    }
                </div>
                if *asking {
                    <Dialog title={format!("{} · {}", words.sweep_close(), row.name)} text={words.sweep_close_ask()} confirm={words.sweep_close()} warn=true
                        busy={submit.state.is_busy()} on_cancel={show(false)} on_confirm={
                            let send = submit.send.clone();
                            move |()| send.emit(CloseSweep { id })
                        }>
                        if let Some(error) = submit.state.error() {
                            <Trouble error={error.clone()} />
                        }
                    </Dialog>
                }
            </td>
        </tr>
    }
}

/// Properties of [`Setting`].
#[derive(Properties, PartialEq)]
struct SettingProps {
    today: AttrValue,
}

/// The form that sets a sweep.
#[component(Setting)]
fn setting(props: &SettingProps) -> Html {
    let words = use_words();
    let notices = use_notices();
    let fresh = SweepForm { from: props.today.to_string(), ..SweepForm::default() };
    let form = use_state(|| fresh.clone());
    let tried = use_state(|| false);
    let submit = use_submit::<SetSweep>({
        let (form, tried) = (form.setter(), tried.setter());
        Callback::from(move |_| {
            form.set(fresh.clone());
            tried.set(false);
            notices.say(words.sweep_set());
        })
    });
    let problems: Vec<FieldProblem> = parse_date(&props.today).map(|today| form.check(today)).unwrap_or_default();
    let said = |field: &str| -> Option<Said> {
        let found = problems.iter().find(|problem| *tried && problem.field == field)?;
        Some(Said { text: words.problem(&found.problem).into(), warning: false })
    };
    let set = |change: fn(&mut SweepForm, String)| {
        let form = form.clone();
        Callback::from(move |text: String| {
            let mut next = (*form).clone();
            change(&mut next, text);
            form.set(next);
        })
    };
    let onsubmit = {
        let (send, tried, form, good) = (submit.send.clone(), tried.setter(), (*form).clone(), may_save(&problems));
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            tried.set(true);
            if good {
                send.emit(SetSweep { form: form.clone() });
            } else {
                focus_first_problem();
            }
        })
    };
    let on_areas = {
        let form = form.clone();
        Callback::from(move |areas: Vec<String>| form.set(SweepForm { areas, ..(*form).clone() }))
    };
    let today = &props.today;
    html! {
        <details class="fold sweep-new">
            <summary>{ words.sweep_new() }</summary>
            <form class="desk-decide" {onsubmit} novalidate=true>
                <div class="sweep-fields">
                    <TextField id="sweep-name" label={words.sweep_name()} value={form.name.clone()} required=true said={said("name")}
                        on_change={set(|form, text| form.name = text)} />
                    <SelectField id="sweep-how" label={words.sweep_how()} value={form.how.map(|how| how.stored()).unwrap_or_default()}
                        choices={options::<SweepKind>(words)} none={words.choose()} required=true said={said("how")}
                        on_change={set(|form, code| form.how = SweepKind::read(&code))} />
                    <DateField id="sweep-from" label={words.sweep_from()} value={form.from.clone()} today={today.clone()} required=true said={said("from")}
                        on_change={set(|form, text| form.from = text)} />
                    <DateField id="sweep-until" label={words.sweep_until()} value={form.until.clone()} today={today.clone()} required=true
                        said={said("until")} on_change={set(|form, text| form.until = text)} />
                </div>
                <Villages chosen={form.areas.clone()} said={said("areas")} on_change={on_areas} />
                if let Some(error) = submit.state.error() {
                    <Trouble error={error.clone()} />
                }
                <div class="buttons-inline">
                    <Button look={Look::Primary} submits=true label={words.sweep_new()} busy={submit.state.is_busy()} busy_label={words.saving()} />
                </div>
            </form>
        </details>
    }
}

/// Properties of [`Villages`].
#[derive(Properties, PartialEq)]
struct VillagesProps {
    chosen: Vec<String>,
    said: Option<Said>,
    on_change: Callback<Vec<String>>,
}

/// The station's villages that have a home, each to be ticked.
#[component(Villages)]
fn villages(props: &VillagesProps) -> Html {
    let words = use_words();
    let asked = use_call(AskOverview {}, &[]);
    let VillagesProps { chosen, said, on_change } = props;
    let tick = |code: &str, name: &str| {
        let (id, code) = (format!("area-{code}"), code.to_owned());
        let checked = chosen.contains(&code);
        let onchange = {
            let (chosen, on_change) = (chosen.clone(), on_change.clone());
            Callback::from(move |event: Event| {
                let mut next = chosen.clone();
                next.retain(|known| *known != code);
                if event.target_unchecked_into::<HtmlInputElement>().checked() {
                    next.push(code.clone());
                }
                on_change.emit(next);
            })
        };
        let invalid = said.is_some().then_some("true");
        html! {
            <label class="sweep-area" for={id.clone()}>
                <input type="checkbox" {id} {checked} {onchange} aria-invalid={invalid} aria-describedby="sweep-areas-said" />{ name.to_owned() }
            </label>
        }
    };
    html! {
        <fieldset class="sweep-areas">
            <legend>{ words.sweep_areas() }</legend>
            <p class="field-said" id="sweep-areas-said" role="alert">
                { said.as_ref().map(|said| said.text.to_string()).unwrap_or_default() }
            </p>
            { answered(&asked, |reply| {
                let with_homes: Vec<_> = reply.areas.iter().filter(|counts| counts.units > 0).collect();
                if with_homes.is_empty() {
                    return html! { <p class="quiet">{ words.sweep_areas_none() }</p> };
                }
                let all: Vec<String> = with_homes.iter().map(|counts| counts.code.clone()).collect();
                let on_change = on_change.clone();
                html! {
                    <div class="sweep-ticks">
                        { for with_homes.iter().map(|counts| tick(&counts.code, &counts.name)) }
                        if all.len() > 1 {
                            <Button look={Look::Small} label={words.sweep_areas_all()} on_click={move |()| on_change.emit(all.clone())} />
                        }
                    </div>
                }
            }) }
        </fieldset>
    }
}
