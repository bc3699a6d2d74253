/** The agent's own menu: appearance, shortcuts, sign out. */

import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconDeviceDesktop,
  IconKeyboard,
  IconLayoutDashboard,
  IconLogout,
  IconMoon,
  IconSun,
} from "@tabler/icons-react";
import { initials } from "../format";
import { say } from "../strings";

const SCHEMES: [MantineColorScheme, string, typeof IconSun][] = [
  ["auto", say.menu.auto, IconDeviceDesktop],
  ["light", say.menu.light, IconSun],
  ["dark", say.menu.dark, IconMoon],
];

interface Props {
  name: string;
  /** The other page of theirs, if they have one. */
  elsewhere?: { label: string; href: string };
  onHelp?: () => void;
  onSignOut: () => void;
}

export function OwnMenu({ name, elsewhere, onHelp, onSignOut }: Props) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button type="button" className="me">
          <span>{name}</span>
          <span className="face me-face" aria-hidden>
            {initials(name)}
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{say.menu.appearance}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}>
          {SCHEMES.map(([scheme, label, Icon]) => (
            <Menu.RadioItem key={scheme} value={scheme}>
              <span className="menu-choice">
                <Icon size={16} aria-hidden />
                {label}
              </span>
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        {elsewhere && (
          <Menu.Item component="a" href={elsewhere.href} leftSection={<IconLayoutDashboard size={16} aria-hidden />}>
            {elsewhere.label}
          </Menu.Item>
        )}
        {onHelp && (
          <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={onHelp}>
            {say.menu.shortcuts}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={onSignOut}>
          {say.signIn.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
