//! Language, letters, colours.

use domain::access::Role;
use ui_protocol::UiError;
use ui_protocol::session::{SaveSettings, Settings as Chosen};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::route::Route;
use crate::hooks::{use_asker, use_frame};
use crate::parts::{Cells, Screen, SelectField, SwitchField, Trouble};
use crate::words::use_words;

/// How the app looks and speaks; a choice holds at once.
#[component(Settings)]
pub fn settings() -> Html {
    let words = use_words();
    let frame = use_frame();
    let asker = use_asker();
    let chosen = use_state(|| frame.status.settings.clone());
    let failed = use_state(|| None::<UiError>);
    // What the device kept is what holds, also when it was changed elsewhere.
    use_effect_with(frame.status.settings.clone(), {
        let setter = chosen.setter();
        move |kept: &Chosen| setter.set(kept.clone())
    });
    let choose = {
        let (chosen, failed) = (chosen.setter(), failed.setter());
        move |settings: Chosen| {
            chosen.set(settings.clone());
            let (asker, failed) = (asker.clone(), failed.clone());
            spawn_local(async move { failed.set(asker.ask(SaveSettings { settings }).await.err()) });
        }
    };
    let set = |put: fn(&mut Chosen, String)| {
        let (choose, chosen) = (choose.clone(), chosen.clone());
        Callback::from(move |value: String| {
            let mut settings = (*chosen).clone();
            put(&mut settings, value);
            choose(settings);
        })
    };
    let coordinator = frame.status.account.as_ref().is_some_and(|account| account.role != Role::Landlord);
    let languages = vec![("zh-CN".into(), words.language_chinese().into()), ("en".into(), words.language_english().into())];
    let themes = vec![
        ("auto".into(), words.theme_auto().into()),
        ("light".into(), words.theme_light().into()),
        ("dark".into(), words.theme_dark().into()),
    ];
    let mut minutes = vec![1, 3, 5, 10, 30, chosen.lock_after_min];
    minutes.sort_unstable();
    minutes.dedup();
    let lock_choices: Vec<_> =
        minutes.into_iter().map(|minutes| (minutes.to_string().into(), words.lock_minutes(minutes).into())).collect();
    html! {
        <Screen title={words.settings_title()} back={Route::Me.href()}>
            if let Some(error) = &*failed {
                <Trouble error={error.clone()} />
            }
            <Cells>
                <SelectField id="language" label={words.settings_language()} value={chosen.language.clone()} choices={languages}
                    on_change={set(|settings, value| settings.language = value)} />
                <SelectField id="theme" label={words.settings_theme()} value={chosen.theme.clone()} choices={themes}
                    on_change={set(|settings, value| settings.theme = value)} />
                <SwitchField id="care" label={words.settings_care()} value={chosen.care} on_change={
                    let (chosen, choose) = (chosen.clone(), choose.clone());
                    move |care| choose(Chosen { care, ..(*chosen).clone() })
                } />
                if frame.status.lock.pin {
                    <SelectField id="lock_after" label={words.lock_after()} value={chosen.lock_after_min.to_string()} choices={lock_choices}
                        on_change={set(|settings, value| settings.lock_after_min = value.parse().unwrap_or(settings.lock_after_min))} />
                }
                if coordinator {
                    <SwitchField id="photos_wifi_only" label={words.photos_wifi_only()} value={chosen.photos_wifi_only} on_change={
                        let (chosen, choose) = (chosen.clone(), choose.clone());
                        move |photos_wifi_only| choose(Chosen { photos_wifi_only, ..(*chosen).clone() })
                    } />
                }
            </Cells>
        </Screen>
    }
}
