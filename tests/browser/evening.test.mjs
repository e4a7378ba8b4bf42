// The end of the day, by hand: the card on Today, no network, handing in until everything is there, the receipt, the log.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, documentNumber, enrol, fillResident, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
});
after(async () => {
    await county?.stop();
});

test("a day's work stands on Today and waits, and without a network that is what is said", async () => {
    await county.stopServer();
    await go(wang, "/homes");
    await wang.locator(".rows a").first().click();
    await wang.getByRole("link", { name: "添加住户" }).first().click();
    await fillResident(wang, { doc: documentNumber("36112419920311402"), name: "饶小燕", phone: "13767000001" });
    await wang.getByRole("button", { name: "保存", exact: true }).click();
    await wang.getByText("饶小燕 登记好了").locator("visible=true").first().waitFor();
    await go(wang, "/");
    const card = wang.getByRole("link", { name: /今天收工/ });
    await card.waitFor();
    await shot(wang, "evening-today");
    await card.click();
    await wang.getByTestId("day-log").getByText("登记 · 饶小燕").waitFor();
    assert.match(await wang.getByTestId("receipt").innerText(), /登记 1 人/);
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.getByText("今天保存的都在本机，不会丢").waitFor();
    await accessible(wang, "evening-offline");
});

test("handed in: the receipt says how many, when, and stays", async () => {
    await county.startServer();
    await wang.getByRole("button", { name: "交上去" }).click();
    await wang.getByTestId("hand-in").getByText("都交上去了").waitFor({ timeout: 60_000 });
    const receipt = wang.getByTestId("receipt");
    await receipt.getByText("服务器回执时间").waitFor();
    await receipt.getByText(/已到服务器\s*1/).waitFor();
    const said = await receipt.innerText();
    assert.match(said, /保存\s*1/);
    assert.match(said, /已到服务器\s*1/);
    assert.match(said, /王敏/);
    assert.doesNotMatch(said, /还没有回执/);
    await wang.getByTestId("day-log").getByText("已到服务器").first().waitFor();
    await accessible(wang, "evening");
    await shot(wang, "picture-evening-phone-light");
    await wang.emulateMedia({ media: "print" });
    await shot(wang, "evening-printed");
    await wang.emulateMedia({ media: "screen" });
    await wang.getByTestId("day-log").getByText("登记 · 饶小燕").click();
    await wang.getByText("登记日期").first().waitFor();
    await wang.setViewportSize(DESKTOP);
    await go(wang, "/me");
    await wang.getByRole("link", { name: /今天收工/ }).click();
    await wang.getByTestId("receipt").waitFor();
    await shot(wang, "evening-desktop");
    quiet(wang);
});
