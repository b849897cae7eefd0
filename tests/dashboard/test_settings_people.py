"""Users, API keys and one's own second factor, in a real browser."""

import re
from collections.abc import Callable

import pyotp
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from engine.actions.keys import create_key
from engine.actions.people import find_user
from engine.actions.permissions import SYSTEM
from engine.desk import Desk
from models.people import User
from models.vocabulary import Role
from tests.dashboard import desks

OpenPage = Callable[..., Page]
NEW = "another good password"


def user(desk: Desk, name: str) -> User:
    with desk.db.read() as tx:
        found = find_user(tx, name)
    assert found is not None
    return found


def dialog(page: Page, opened_by: str) -> Locator:
    page.get_by_role("button", name=opened_by).click()
    shown = page.get_by_role("dialog")
    expect(shown).to_be_visible()
    return shown


def change(page: Page, whom: str, what: str, password: str = "") -> None:
    expect(page.locator("#users-list")).to_contain_text(whom)
    asked = dialog(page, "Change…")
    asked.locator("#users-whom").select_option(whom)
    asked.locator("#users-what").select_option(what)
    asked.locator("#users-chosen-password").fill(password)
    asked.get_by_label("Your password").fill(desks.PASSWORD)
    asked.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("done")


def test_a_user_is_added_and_must_choose_a_password(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/settings")
    asked = dialog(page, "Add user…")
    asked.get_by_label("Name").fill("nina")
    asked.get_by_label("Role").select_option("operator")
    asked.get_by_label("First password").fill(NEW)
    asked.get_by_label("Your password").fill(desks.PASSWORD)
    asked.get_by_role("button", name="Add user").click()
    expect(page.locator("#users-list")).to_contain_text("nina")
    assert (user(desk, "nina").role, user(desk, "nina").must_change_password) == (
        *(Role.OPERATOR, True),
    )
    assert vars(page)["trouble"] == []


def test_without_the_admins_password_nobody_is_added(open_page: OpenPage) -> None:
    page = open_page("/settings")
    asked = dialog(page, "Add user…")
    asked.get_by_label("Name").fill("nina")
    asked.get_by_label("First password").fill(NEW)
    asked.get_by_role("button", name="Add user").click()
    expect(page.locator("#toasts")).to_contain_text("That password is not yours")
    expect(page.locator("#users-list")).not_to_contain_text("nina")


def test_a_role_is_changed(desk: Desk, open_page: OpenPage) -> None:
    change(open_page("/settings"), "vera", "make operator")
    assert user(desk, "vera").role is Role.OPERATOR


def test_somebody_gets_a_new_password(desk: Desk, open_page: OpenPage) -> None:
    before = user(desk, "vera").password_hash
    change(open_page("/settings"), "vera", "password", NEW)
    assert user(desk, "vera").password_hash != before
    assert user(desk, "vera").must_change_password


def test_somebody_is_signed_out_everywhere(desk: Desk, open_page: OpenPage) -> None:
    change(open_page("/settings"), "vera", "log out")
    assert user(desk, "vera").session_epoch == 1


def test_somebody_is_disabled_and_enabled_again(desk: Desk, open_page: OpenPage) -> None:
    page = open_page("/settings")
    change(page, "vera", "disable")
    assert not user(desk, "vera").is_active
    page.reload()
    change(page, "vera", "enable")
    assert user(desk, "vera").is_active


def test_an_operator_sees_neither_users_nor_keys(open_page: OpenPage) -> None:
    page = open_page("/settings", "otto")
    expect(page.get_by_role("region", name="Real money")).to_be_visible()
    expect(page.get_by_role("region", name="Users")).to_have_count(0)
    expect(page.get_by_role("region", name="API keys")).to_have_count(0)


def test_a_key_is_shown_once(app: Flask, open_page: OpenPage) -> None:
    page = open_page("/settings")
    asked = dialog(page, "Create key…")
    asked.get_by_label("Name").fill("grafana")
    asked.get_by_label("Days until it ends").fill("30")
    asked.get_by_label("Your password").fill(desks.PASSWORD)
    asked.get_by_role("button", name="Create key").click()
    secret = page.locator("#keys-secret code").inner_text()
    program = app.test_client(use_cookies=False)
    assert program.get("/api/v1/stats", headers={"X-API-Key": secret}).status_code == 200
    page.reload()
    expect(page.locator("#keys-list")).to_contain_text("from 127.0.0.1")
    assert secret not in page.content()


def test_a_key_is_revoked(app: Flask, desk: Desk, open_page: OpenPage) -> None:
    secret = create_key(desk, SYSTEM, "grafana", Role.VIEWER).secret
    page = open_page("/settings")
    expect(page.locator("#keys-list")).to_contain_text("grafana")
    asked = dialog(page, "Revoke…")
    asked.get_by_role("button", name="Revoke").click()
    expect(page.locator("#keys-list")).to_contain_text("revoked")
    program = app.test_client(use_cookies=False)
    assert program.get("/api/v1/stats", headers={"X-API-Key": secret}).status_code == 401


def test_a_second_factor_is_added_by_its_picture_and_removed(
    desk: Desk, open_page: OpenPage
) -> None:
    page = open_page("/me")
    expect(page.get_by_role("img", name="QR code").locator("svg path").first).to_be_visible()
    secret = page.locator("code").filter(has_text=re.compile("^[A-Z2-7]{32}$")).inner_text()
    enrolment = page.locator("form", has=page.get_by_role("button", name="Add second factor"))
    enrolment.get_by_label("Present password").fill(desks.PASSWORD)
    enrolment.get_by_label("Code of the app").fill(pyotp.TOTP(secret).now())
    enrolment.get_by_role("button").click()
    codes = page.locator("pre").inner_text().split()
    assert user(desk, "anna").has_second_factor
    page.get_by_text("Remove it").click()
    removal = page.locator("form", has=page.get_by_role("button", name="Remove second factor"))
    removal.get_by_label("Present password").fill(desks.PASSWORD)
    removal.get_by_label("recovery code").fill(codes[0])
    removal.get_by_role("button").click()
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert not user(desk, "anna").has_second_factor
    assert vars(page)["trouble"] == []
