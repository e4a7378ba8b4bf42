//! Late work that waits at the station.

use domain::Verb;

use super::{Words, sentences};

sentences! {
    held_title = "暂存", "Held";
    held_help = "这些是设备停用、账号停用或村社区调整以后才传上来的，还没有进登记。逐条核对：属实就采纳，不属实就不采纳并写明原因。没有决定的一直留在这里。",
        "These came after a device or an account was shut out, or a village was taken away. They are not in the register. Check each: take it in when it is right, leave it out with a reason when it is not. What is not decided stays here.";
    held_empty = "没有暂存的内容", "Nothing is held";
    held_counts_only = "暂存的内容由管辖派出所核对，这里只看数量。", "The station of the village decides about these; here only the numbers are shown.";
    held_decided_too = "已决定的也列出", "Decided ones too";
    held_from = "从", "From";
    held_until = "到", "Until";
    held_device = "设备号", "Device";
    held_every_device = "全部设备", "Every device";
    held_choose = "在左边选一条", "Choose one on the left";
    held_unknown_area = "村社区不明", "Village not known";
    held_saves = "待核对", "To check";
    held_oldest = "最早收到", "Oldest";
    held_would_say = "传上来的", "What it says";
    held_stands = "登记里现在的", "In the register now";
    held_same = "和登记里一样", "The same as in the register";
    held_take = "采纳", "Take in";
    held_take_ask = "采纳后按平常的规则进登记，写的是原来那位的名字，记的是您的决定。和现在的内容有冲突时，两边都会留着。",
        "It goes into the register by the ordinary rules, in its author's name and by your decision. Where it meets another value, both are kept.";
    held_taken = "已采纳", "Taken in";
    held_reject = "不采纳", "Leave out";
    held_rejected = "没有采纳", "Left out";
    held_reject_note = "不采纳的原因", "Why it is left out";
    held_not_taken = "登记没有收下，仍留在暂存里", "The register did not take it; it is still held";
    held_next_page = "下一页", "Next page";
    held_values_gone = "内容已在登记里", "Its values are in the register";
    held_view_noted = "看过内容会记入审计。", "That you looked is noted in the audit log.";
}

impl Words {
    /// Why a save is held.
    pub fn held_why(self, why: &str) -> &'static str {
        let (chinese, english) = match why {
            "revoked" => ("设备已停用", "Its device was revoked"),
            "disabled" => ("账号已停用", "Its account was shut out"),
            "dropped" => ("村社区已调走", "The village was taken away"),
            "unknown_record" => {
                ("缺了前面的记录，到了会自动采纳", "What it builds on is missing; it is taken in when that arrives")
            }
            "sealed" => ("手机打不开了，交来的封存记录", "Handed in sealed, from a phone nobody could open"),
            _ => ("服务器恢复后找回的", "Found again after a restore"),
        };
        self.pick(chinese, english)
    }

    /// What was decided.
    pub fn held_state(self, state: &str) -> &'static str {
        match state {
            "taken" => self.held_taken(),
            "rejected" => self.held_rejected(),
            _ => self.held_saves(),
        }
    }

    /// What a change does.
    pub fn held_verb(self, verb: Verb) -> &'static str {
        match verb {
            Verb::Create => self.pick("新登记", "New"),
            Verb::Set => self.pick("修改", "Changed"),
            Verb::Delete => self.pick("作为误录撤销", "Taken back as a mistake"),
            Verb::Restore => self.pick("恢复", "Brought back"),
        }
    }

    /// Whose it is, and from which device.
    pub fn held_by(self, name: &str, device: u32) -> String {
        self.pick(format!("{name} · 设备 {device}"), format!("{name} · device {device}"))
    }

    /// How many changes a save has.
    pub fn held_changes(self, count: u64) -> String {
        self.pick(format!("{count} 项"), format!("{count} changes"))
    }

    /// Who decided, when, and why.
    pub fn held_decision(self, by: &str, moment: &str, note: &str) -> String {
        let reason = if note.is_empty() { String::new() } else { self.pick(format!("：{note}"), format!(": {note}")) };
        format!("{by} · {moment}{reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_reason_and_decision_is_said() {
        for words in BOTH {
            for why in ["revoked", "disabled", "dropped", "unknown_record", "sealed", "rescue"] {
                assert_spoken(words, words.held_why(why), why);
            }
            for state in ["open", "taken", "rejected"] {
                assert_spoken(words, words.held_state(state), state);
            }
            for verb in [Verb::Create, Verb::Set, Verb::Delete, Verb::Restore] {
                assert_spoken(words, words.held_verb(verb), &format!("{verb:?}"));
            }
            assert_spoken(words, &words.held_changes(3), "changes");
        }
    }
}
