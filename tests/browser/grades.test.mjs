// A home seen otherwise than it is computed: proposed on the phone, decided at the desk, and the answer back on the phone.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, signIn, syncNow } from "./county.mjs";

let county;
let wang;
let desk;
let home;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
    desk = await county.open(county.address, DESKTOP);
    await signIn(desk, "zhou");
});
after(async () => {
    await county?.stop();
});

// The home's page is the safety page's way back.
async function openSafety() {
    await go(wang, `/homes/${home}`);
    await wang.getByText("房间和住的人").waitFor();
}

async function propose(grade, reason) {
    await wang.getByRole("button", { name: "建议调整分级" }).click();
    const dialog = wang.getByRole("dialog");
    await dialog.locator("#grade").selectOption({ label: grade });
    await dialog.locator("#grade_reason").fill(reason);
    await dialog.getByRole("button", { name: "报派出所" }).click();
    await dialog.waitFor({ state: "detached" });
    await wang.getByText("等派出所决定").waitFor();
}

const REASON = "楼道堆了很多旧家具，房东说下周清";

test("a coordinator proposes another grade, and says why", async () => {
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByText("房间和住的人").waitFor();
    home = (await wang.evaluate(() => location.hash)).match(/[0-9a-f-]{36}/)[0];
    await wang.getByRole("button", { name: "建议调整分级" }).click();
    const dialog = wang.getByRole("dialog");
    await dialog.getByRole("button", { name: "报派出所" }).click();
    // Without a reason nothing is sent, and it says so.
    await dialog.getByText("这一项要填").waitFor();
    await accessible(wang, "grade-proposing");
    await dialog.getByRole("button", { name: "取消" }).click();
    await propose("黄色 · 一般", REASON);
    await wang.getByText(REASON).first().waitFor();
    await accessible(wang, "grade-proposed");
    await syncNow(wang);
    quiet(wang);
});

test("the station finds it among the homes it has something to do about, and says why not", async () => {
    await go(desk, "/safety");
    await desk.getByTestId("safety-list").getByRole("link").first().waitFor();
    await accessible(desk, "desk-safety");
    await go(desk, `/safety?id=${home}`);
    const wanted = desk.getByTestId("grade-wanted");
    await wanted.getByText(REASON).waitFor();
    // Not as proposed wants a reason: whoever proposed it reads it.
    await wanted.getByRole("button", { name: "不采纳" }).click();
    await wanted.getByRole("alert").first().waitFor();
    await wanted.locator("#wanted_reason").fill("已和房东约了周五复看");
    await accessible(desk, "desk-grade-wanted");
    await wanted.getByRole("button", { name: "不采纳" }).click();
    await wanted.getByText(/已和房东约了周五复看/).last().waitFor();
    await wanted.getByRole("button", { name: "不采纳" }).waitFor({ state: "detached" });
});

test("the answer is on the phone after its sync, and a second proposal is set as proposed", async () => {
    await syncNow(wang);
    await openSafety();
    await wang.getByText(/已和房东约了周五复看/).waitFor();
    await accessible(wang, "grade-answered");
    await propose("黄色 · 一般", "周五去看过，还没有清");
    await syncNow(wang);
    await go(desk, "/records/unit");
    await go(desk, `/safety?id=${home}`);
    await desk.getByTestId("grade-wanted").getByRole("button", { name: "按建议定级" }).click();
    await desk.getByText(/已按建议定级/).first().waitFor();
    await syncNow(wang);
    await openSafety();
    await wang.getByText(/已按建议定级/).first().waitFor();
    assert.match(await wang.getByRole("main").innerText(), /黄色/, "the home is yellow now");
    quiet(wang);
});
