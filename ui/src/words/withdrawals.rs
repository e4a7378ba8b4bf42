//! Taking back what was recorded by mistake.

use domain::kind;

use super::{Words, sentences};

sentences! {
    take_back = "记错了，撤回", "A mistake: take it back";
    take_back_stations = "这次检查发现的隐患已由派出所或别人移交、销号，只有派出所能撤回这次检查。", "What this check found was handed over or closed by the station or somebody else: only the station takes this check back.";
    take_back_confirm = "撤回", "Take back";
    take_back_note = "为什么撤回（选填）", "Why (optional)";
    taken_back = "已撤回", "Taken back";
    let_stand = "撤回错了，恢复", "It was no mistake: let it stand";
    let_stand_ask = "恢复以后照旧算数，和没有撤回过一样；撤回和恢复都留在记录里。", "It counts again, as if it had never been taken back. Both stay in the records.";
    stands_again = "已恢复", "It counts again";
    taken_back_mark = "已撤回", "Taken back";
    taken_back_about = "这条记录记错了，已经撤回，不再算数。", "This was recorded by mistake and taken back: it counts nowhere.";
}

impl Words {
    /// What follows when it is taken back.
    pub fn take_back_ask(self, kind: &str) -> &'static str {
        match kind {
            kind::INSPECTION => self.pick(
                "这次检查开出的隐患一起撤回，被它销号的隐患重新打开。记录留着，标明已撤回；撤回错了还能恢复。",
                "The hazards it opened go with it, and those it closed are open again. It stays in the records, marked as taken back. A mistake can be undone.",
            ),
            kind::PERMIT_APPLICATION => self.pick(
                "这份申请不再办理，可以重新申请。记录留着，标明已撤回；撤回错了还能恢复。",
                "The application goes no further, and another can be made. It stays in the records, marked as taken back. A mistake can be undone.",
            ),
            _ => self.pick(
                "这次走访和里面每个人的回答都不再算数，这户按原来的日子再上门。记录留着，标明已撤回；撤回错了还能恢复。",
                "This visit and its answers count no more, and the home is due as before. It stays in the records, marked as taken back. A mistake can be undone.",
            ),
        }
    }
}
