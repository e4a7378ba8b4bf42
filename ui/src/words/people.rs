//! People and their registrations.

use super::{Words, sentences};

sentences! {
    people_search = "姓名、拼音、证件尾号、电话尾号", "Name, pinyin, document tail, phone tail";
    people_empty = "还没有登记的人员", "Nobody registered yet";
    people_only = "只看", "Show only";
    people_may_apply = "可办居住证", "May ask for a permit";
    people_none_may_apply = "现在没有可办居住证的人", "Nobody may ask for a permit now";
    people_none_may_apply_help = "登记满期限、又没有在办的，会列在这里。", "Whoever has been registered long enough and has not asked yet is listed here.";
    people_empty_help = "先打开房屋，再添加住户。", "Open a home, then add a resident.";
    person_add = "添加人员", "Add a person";
    person_title = "人员", "Person";
    person_new_title = "登记住户", "Register a resident";
    person_edit_title = "修改信息", "Change details";
    person_pick_home = "住在哪处房屋", "Which home?";

    field_unit = "房屋", "Home";
    field_room = "房间", "Room";
    field_room_none = "不分房间", "No particular room";
    field_doc_type = "证件类型", "Document";
    field_doc_no = "证件号码", "Document number";
    field_identity_note = "身份说明", "How identified";
    field_identity_note_hint = "谁认识、怎么核实的", "Who knows the person, how it was checked";
    field_name = "姓名", "Name";
    field_birth = "出生日期", "Born";
    field_sex = "性别", "Sex";
    field_hukou_region = "户籍地", "Household region";
    field_hukou_region_hint = "输入县名或六位代码", "Name of the county, or its code";
    field_hukou_address = "户籍详址", "Household address";
    field_phone = "电话", "Phone";
    field_phone_none = "没有电话", "No phone";
    field_phone_none_no = "有电话", "There is one";
    field_guardian_name = "监护人姓名", "Guardian's name";
    field_guardian_phone = "监护人电话", "Guardian's phone";
    field_arrival_on = "入住日期", "Moved in on";
    field_declared_on = "申报日期", "Declared on";
    field_declared_on_hint = "本人申报的那天，居住年限从这天算", "The day the person declared; residence counts from it";
    field_reason = "居住事由", "Why here";
    field_place_kind = "居住处所", "Kind of place";
    field_intended = "拟住时间", "Means to stay";
    field_employer = "服务处所", "Employer";
    field_relation = "与承租人关系", "To the tenant";
    field_lessee = "本人是承租人", "This person is the tenant";
    section_document = "证件", "Document";
    section_person = "本人", "Person";
    section_guardian = "监护人（未满十六周岁）", "Guardian (under sixteen)";
    section_stay = "居住", "Stay";

    document_checking = "正在查", "Checking";
    document_good = "号码正确", "The number is right";
    document_unchanged = "号码不改就不用动", "Leave it as it is unless it changes";
    region_suggest = "证件首次办理地，户籍还在这里就点一下", "Where the number was first given; tap if the household is still there";
    referral_title = "转派出所办理", "For the police station";
    referral_help = "境外人员由派出所办理住宿登记。这里只记下住处并开始计时，不办居住登记。",
        "The police station registers this person. Only the address is noted here, and the clock starts.";
    referral_saved = "已记下，请告诉派出所", "Noted; tell the police station";
    referral_open = "看转派所单", "Show the referral";
    referral_due = "告诉派出所期限", "The station is told by";
    referral_arrival = "入住日期", "Moved in on";
    referral_undo_ask = "登记错了，撤掉这份转派？", "Entered by mistake: take this referral back?";
    referral_handed = "已告诉派出所", "The station was told";
    referral_handed_done = "已记下", "Noted";
    referral_save = "记下并计时", "Note it and start the clock";
    known_title = "这个证件已经登记过", "This document is already registered";
    known_move_here = "迁入这里", "Move here";
    known_same = "就是这个人，登记回来", "The same person: register again";
    known_same_chosen = "按原来的人员登记", "Registered in the known person's name";
    known_open = "看看这个人", "Look at this person";
    known_other = "不是同一个人，继续登记", "Somebody else: go on registering";
    known_other_ask = "同一个证件号码只能是一个人。确定证件看清楚了，还要另外登记？", "One document number is one person. Did you look closely and still want to register?";
    county_ask = "在全县查一下", "Look in the whole county";
    county_asking = "正在全县查", "Looking in the whole county";
    county_none = "全县没有这个号码的登记，照常登记", "Nobody in the county is registered with this number: go on";
    county_offline = "现在连不上服务器，查不了全县。先照常登记，上传以后服务器会核对。",
        "The server cannot be reached, so the county cannot be looked through. Register as usual; the server compares when it arrives.";
    county_noted = "查询会记入日志。", "That you looked is noted.";
    known_decide = "先处理上面的重复提醒", "Decide about the person above first";

    notice_show = "给住户看告知书", "Show the notice to the resident";
    notice_title = "告知书", "Notice to residents";

    saved_person = "登记好了", "Registered";
    saved_person_help = "已保存在本机，联网后自动上传。", "Saved on this device; it is sent when there is a network.";
    add_another = "再加一人", "Add another person";
    add_family = "再加一位家人", "Add a family member";
    add_family_help = "住处、入住日期、事由和拟住时间照上一位，其他重新填。", "Home, date, reason and length of stay as before; everything else anew.";
    guardian_here = "住在这里的成年人", "Adults living here";
    is_lessee = "是承租人", "Is the tenant";
    to_home = "回到房屋", "Back to the home";
    to_person = "看这个人", "Look at this person";

    reveal = "显示全号", "Show the number";
    hide = "隐藏", "Hide";
    reveal_help = "查看会留下记录", "Looking is written down";
    person_registration = "居住登记", "Registration";
    person_no_registration = "没有居住登记", "No registration";
    person_registered_on = "登记日期", "Registered on";
    person_reported_on = "房东报送日期", "Reported by the landlord";
    person_due = "登记期限", "To be registered by";
    person_due_rule = "依据", "By";
    stay_longer = "从今天起再住", "From today, another";
    stay_extend = "续期", "Extend";
    person_intended_until = "拟住到", "Means to stay until";
    person_number = "登记编号", "Number";
    person_notice = "登记时的告知书", "Notice at registration";
    person_cancelled_why = "注销原因", "Why cancelled";
    person_left_on = "离开日期", "Left on";
    person_cancel_note = "依据", "Seen or heard";
    person_handed_to = "移交到", "Handed over to";
    person_stays = "住过的地方", "Stays";
    person_restore_help = "注销错了？还原由派出所办理。", "Cancelled by mistake? The police station restores it.";
    person_to_place_help = "别的村移交过来，还没有安排住处。", "Handed over from another village, with no home yet.";
    person_move = "换住处", "Move";
    person_place = "安排住处", "Choose a home";
    person_hand_over = "移交别的村", "Hand over to another village";
    person_leave = "离开，注销登记", "Left: cancel the registration";
    person_mistake = "登记错了，撤销", "Entered by mistake: take back";
    person_mistake_ask = "撤销这个人的登记？历史仍然保留。", "Take this registration back? The history is kept.";
    person_undone = "已撤销", "Taken back";
    person_sex = "性别", "Sex";
    person_birth = "出生", "Born";
    person_hukou = "户籍", "Household";
    person_guardian = "监护人", "Guardian";

    move_title = "换住处", "Move";
    move_help = "县内换住处只换住的地方，登记和年限不变。", "Moving inside the county changes the address only; the registration goes on.";
    move_to = "搬到哪处房屋", "To which home?";
    move_on = "搬入日期", "Moved in on";
    move_submit = "确定搬入", "Move in";
    move_done = "已换住处", "Moved";
    move_choose_home = "请先选房屋", "Choose a home first";
    move_change_home = "换一处", "Another one";

    hand_over_title = "移交别的村", "Hand over";
    hand_over_help = "对方村的协管员会收到，由他们安排住处。登记不注销，年限不变。",
        "The other village's coordinator gets it and chooses the home. The registration goes on.";
    hand_over_area = "移交到哪个村", "To which village";
    hand_over_area_hint = "输入村名", "Name of the village";
    hand_over_on = "在本村住到", "Last day here";
    hand_over_note = "告诉对方什么", "What they should know";
    hand_over_submit = "移交", "Hand over";
    hand_over_done = "已移交", "Handed over";

    leave_title = "注销登记", "Cancel the registration";
    leave_help = "注销影响本人的居住年限。请写清楚看到了什么、听谁说的。注销错了可以由派出所还原。",
        "Cancelling affects the person's years of residence. Say what was seen and who said so. The station can restore it.";
    leave_reason = "注销原因", "Why";
    leave_left_on = "离开日期", "Left on";
    leave_note = "依据", "Seen or heard";
    leave_note_hint = "例如：房东说上周搬走，房间已空", "For example: the landlord says they moved last week; the room is empty";
    leave_submit = "注销登记", "Cancel the registration";
    leave_ask = "确定注销？", "Cancel the registration?";
    leave_done = "已注销", "Cancelled";
}

impl Words {
    /// Where in the county somebody is registered, and whom to call.
    pub fn county_found(self, village: &str, coordinators: &str) -> String {
        if coordinators.is_empty() {
            return self.pick(format!("已在 {village} 登记"), format!("Registered in {village}"));
        }
        self.pick(
            format!("已在 {village} 登记，协管员 {coordinators}。是迁过来的，请先联系对方办理移交。"),
            format!("Registered in {village}, coordinator {coordinators}. When they have moved here, ask for a hand-over first."),
        )
    }

    /// Where a known document is registered.
    pub fn known_at(self, name: &str, home: &str, standing: &str) -> String {
        if home.is_empty() {
            format!("{name} · {standing}")
        } else {
            self.pick(
                format!("{name}，已登记在 {home}（{standing}），迁入？"),
                format!("{name}, registered at {home} ({standing}). Move here?"),
            )
        }
    }

    /// A person's name and age.
    pub fn name_and_age(self, name: &str, age: Option<i32>) -> String {
        match age {
            Some(age) => {
                let age = self.years_old(age);
                format!("{name} · {age}")
            }
            None => name.to_owned(),
        }
    }

    /// The law a deadline was computed by, from the pack and the key as they were stored.
    pub fn rule(self, rule: &str) -> String {
        let pack = rule.split(' ').next().unwrap_or_default();
        match pack {
            "zj-2016" => {
                self.pick("浙江省流动人口居住登记条例（2016 年）", "Zhejiang residence registration regulation, 2016").to_owned()
            }
            "zj-2009" => {
                self.pick("浙江省流动人口居住登记条例（2009 年）", "Zhejiang residence registration regulation, 2009").to_owned()
            }
            _ => rule.to_owned(),
        }
    }

    /// Above the choice of how long somebody stays on.
    pub fn stay_ends(self, day: &str, over: bool) -> String {
        match over {
            true => self.pick(
                format!("拟住到{day}，已经到期。还住就续期，走了就办注销。"),
                format!("Meant to stay until {day}, which is over. Extend it, or end the registration."),
            ),
            false => self.pick(format!("拟住到{day}，快到期了。"), format!("Means to stay until {day}, which comes soon.")),
        }
    }

    /// Said after somebody was registered.
    pub fn registered(self, name: &str) -> String {
        self.pick(format!("{name} 登记好了"), format!("{name} is registered"))
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn sentences_with_names_are_said() {
        let (chinese, english) = (BOTH[0], BOTH[1]);
        assert_eq!(chinese.known_at("李四", "文峰路18号", "在住"), "李四，已登记在 文峰路18号（在住），迁入？");
        assert_eq!(chinese.known_at("李四", "", "未登记"), "李四 · 未登记");
        assert!(chinese.county_found("西村", "李强 13905700098").starts_with("已在 西村 登记，协管员 李强"));
        assert_eq!(chinese.county_found("西村", ""), "已在 西村 登记");
        assert_eq!(english.name_and_age("Li", Some(40)), "Li · 40 years");
        for pack in ["zj-2016 person.register.due", "zj-2009 person.register.due"] {
            assert_spoken(chinese, &chinese.rule(pack), pack);
            assert_spoken(english, &english.rule(pack), pack);
        }
        assert_spoken(chinese, &chinese.registered("李四"), "registered");
        assert_spoken(english, &english.registered("Li"), "registered");
    }
}
