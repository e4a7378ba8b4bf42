//! Who rents a home: people as they were registered, firms as they are entered here, earlier ones folded away.

use domain::RecordId;
use domain::form::may_save;
use domain::tenancy::{FirmForm, TenancyEnd};
use ui_protocol::tenancies::{AddFirm, EndTenancy, Tenant, Tenants};
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_frame, use_notices, use_submit};
use crate::parts::{Button, Cells, DateField, Dialog, Look, SelectField, Tag, TextField, Tone, Trouble, options};
use crate::words::{Label, Words, use_words};

/// Properties of [`TenantSection`].
#[derive(Properties, PartialEq)]
pub struct TenantProps {
    /// The home.
    pub id: RecordId,
    /// Who rents it.
    pub tenants: Tenants,
    /// It is let.
    pub open: bool,
}

/// Who rents it, since when, and who did.
#[component(TenantSection)]
pub fn tenant_section(props: &TenantProps) -> Html {
    let words = use_words();
    let frame = use_frame();
    let notices = use_notices();
    let firm = use_state(|| None::<FirmForm>);
    let ending = use_state(|| None::<(Tenant, String, TenancyEnd)>);
    let add = use_submit::<AddFirm>({
        let (firm, notices) = (firm.setter(), notices.clone());
        Callback::from(move |_| {
            firm.set(None);
            notices.say(words.saved_waiting());
        })
    });
    let end = use_submit::<EndTenancy>({
        let ending = ending.setter();
        Callback::from(move |_| {
            ending.set(None);
            notices.say(words.saved_waiting());
        })
    });
    let (tenants, today) = (&props.tenants, frame.today());
    if tenants.now.is_empty() && tenants.earlier.is_empty() && !props.open {
        return Html::default();
    }
    html! {
        <>
            <Cells title={words.tenants_title()}>
                { for tenants.now.iter().map(|tenant| {
                    let on_end = {
                        let (ending, tenant, today) = (ending.setter(), tenant.clone(), today.to_owned());
                        Callback::from(move |()| ending.set(Some((tenant.clone(), today.clone(), TenancyEnd::Left))))
                    };
                    row(words, tenant, today, tenant.tenancy.is_some().then_some(on_end))
                }) }
                if tenants.now.is_empty() {
                    <div class="weui-cell"><p class="quiet">{ words.tenants_none() }</p></div>
                }
            </Cells>
            if !tenants.earlier.is_empty() {
                <details class="fold">
                    <summary>{ words.tenants_earlier(tenants.earlier.len()) }</summary>
                    <div class="weui-cells">{ for tenants.earlier.iter().map(|tenant| row(words, tenant, today, None)) }</div>
                </details>
            }
            if props.open && firm.is_none() {
                <div class="buttons">
                    <Button label={words.tenants_add_firm()} on_click={
                        let (firm, today) = (firm.setter(), today.to_owned());
                        move |()| firm.set(Some(FirmForm { name: String::new(), from: today.clone() }))
                    } />
                </div>
            }
            if let Some(form) = &*firm {
                { firm_form(words, props.id, form, &firm, &add, frame.today_date()) }
            }
            if let Some((tenant, to, reason)) = &*ending {
                <Dialog title={words.tenant_end()} text={words.tenant_end_ask(&tenant.name)} confirm={words.tenant_end()} warn=true busy={end.state.is_busy()}
                    on_cancel={let ending = ending.setter(); move |()| ending.set(None)}
                    on_confirm={
                        let (send, tenancy, to, reason) = (end.send.clone(), tenant.tenancy, to.clone(), *reason);
                        move |()| if let Some(tenancy) = tenancy { send.emit(EndTenancy { tenancy, to: to.clone(), reason }) }
                    }>
                    <DateField id="tenant_to" label={words.tenant_to()} value={to.clone()} today={today.to_owned()} required=true on_change={
                        let (ending, tenant, reason) = (ending.setter(), tenant.clone(), *reason);
                        move |to: String| ending.set(Some((tenant.clone(), to, reason)))
                    } />
                    <SelectField id="tenant_why" label={words.tenant_why()} value={reason.stored()} choices={options::<TenancyEnd>(words)} on_change={
                        let (ending, tenant, to) = (ending.setter(), tenant.clone(), to.clone());
                        move |code: String| if let Some(reason) = TenancyEnd::read(&code) { ending.set(Some((tenant.clone(), to.clone(), reason))) }
                    } />
                    if let Some(error) = end.state.error() {
                        <Trouble error={error.clone()} />
                    }
                </Dialog>
            }
        </>
    }
}

fn row(words: Words, tenant: &Tenant, today: &str, on_end: Option<Callback<()>>) -> Html {
    let name = if tenant.name.is_empty() { words.visit_name_gone().to_owned() } else { tenant.name.clone() };
    let room = if tenant.room.is_empty() { String::new() } else { words.room(&tenant.room) };
    let detail =
        [words.tenant_since(tenant, today), room].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    html! {
        <div class="weui-cell row">
            <div class="weui-cell__bd">
                <span class="row-title">
                    if let Some(id) = tenant.person {
                        <a class="check-link" href={Route::Person { id }.href()}>{ name }</a>
                    } else {
                        { name }
                    }
                </span>
                <span class="row-detail">{ detail }</span>
            </div>
            <div class="weui-cell__ft row-tags">
                if tenant.person.is_none() {
                    <Tag text={words.tenant_firm()} />
                }
                if tenant.waiting {
                    <Tag text={words.waiting_mark()} tone={Tone::Wait} />
                }
                if let Some(on_click) = on_end {
                    <Button look={Look::Small} label={words.tenant_end()} {on_click} />
                }
            </div>
        </div>
    }
}

fn firm_form(
    words: Words,
    unit: RecordId,
    form: &FirmForm,
    state: &UseStateHandle<Option<FirmForm>>,
    add: &crate::hooks::Submit<AddFirm>,
    today: chrono::NaiveDate,
) -> Html {
    let stops = !may_save(&form.check(today));
    let set = |change: fn(&mut FirmForm, String)| {
        let (state, form) = (state.setter(), form.clone());
        Callback::from(move |text: String| {
            let mut form = form.clone();
            change(&mut form, text);
            state.set(Some(form));
        })
    };
    html! {
        <Cells title={words.tenants_add_firm()}>
            <TextField id="firm_name" label={words.firm_name()} value={form.name.clone()} required=true on_change={set(|form, text| form.name = text)} />
            <DateField id="firm_from" label={words.firm_from()} value={form.from.clone()} today={today.to_string()} required=true
                on_change={set(|form, text| form.from = text)} />
            if let Some(error) = add.state.error() {
                <Trouble error={error.clone()} />
            }
            <div class="weui-cell buttons">
                if !stops {
                    <Button look={Look::Primary} label={words.firm_save()} busy={add.state.is_busy()} busy_label={words.saving()} on_click={
                        let (send, form) = (add.send.clone(), form.clone());
                        move |()| send.emit(AddFirm { unit, form: form.clone() })
                    } />
                }
                <Button label={words.cancel()} on_click={let state = state.setter(); move |()| state.set(None)} />
            </div>
        </Cells>
    }
}
