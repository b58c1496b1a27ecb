-- iovet in Neovim: a client that takes pushes only (0.7), started with the arguments that the README gives.
-- Environment: IOVET_NODE, IOVET_CLI, IOVET_FILE. Prints one line per check and ends with 0, or with 1 at the first failure.
local passed = 0

local function check(name, ok, detail)
  if not ok then
    error(name .. ': ' .. (type(detail) == 'string' and detail or vim.inspect(detail)))
  end
  passed = passed + 1
  io.stdout:write('  ok ' .. name .. '\n')
end

local function codes(buffer)
  local list = vim.diagnostic.get(buffer)
  table.sort(list, function(a, b) return a.lnum < b.lnum end)
  return table.concat(vim.tbl_map(function(d) return d.code or '?' end, list), ' ')
end

local function wait_for(buffer, wanted)
  return vim.wait(20000, function() return codes(buffer) == wanted end, 20)
end

local all = 'iommu-map-unmap-size dma-map-null-check dma-map-leak-error-path'

local function run()
  vim.cmd('edit ' .. vim.env.IOVET_FILE)
  local buffer = vim.api.nvim_get_current_buf()
  local id = vim.lsp.start_client({
    name = 'iovet',
    cmd = { vim.env.IOVET_NODE, vim.env.IOVET_CLI, 'lsp', '--stdio' },
    root_dir = vim.fn.fnamemodify(vim.env.IOVET_FILE, ':h'),
    init_options = { show = 'all' },
  })
  vim.lsp.buf_attach_client(buffer, id)
  check('diagnostics are pushed', wait_for(buffer, all), codes(buffer))

  local finding = vim.diagnostic.get(buffer)[1]
  for _, d in ipairs(vim.diagnostic.get(buffer)) do
    if d.code == 'dma-map-null-check' then finding = d end
  end
  local position = { line = finding.lnum, character = finding.col }
  local document = vim.lsp.util.make_text_document_params(buffer)

  local hover = vim.lsp.buf_request_sync(buffer, 'textDocument/hover',
    { textDocument = document, position = position }, 5000)[id].result
  check('hover names the rule', hover ~= nil and hover.contents.value:find('dma%-map%-null%-check') ~= nil, hover)

  -- What a window of 80 columns and 24 rows shows without scrolling.
  local function explained(text, wanted)
    vim.fn.cursor(1, 1)
    local at = vim.fn.searchpos(text, 'W')
    local answer = vim.lsp.buf_request_sync(buffer, 'textDocument/hover',
      { textDocument = document, position = { line = at[1] - 1, character = at[2] } }, 5000)[id].result
    check('hover over ' .. text, answer ~= nil and answer.contents.value:find(wanted, 1, true) == 1, answer)
    local lines = vim.lsp.util.convert_input_to_markdown_lines(answer.contents)
    local _, window = vim.lsp.util.open_floating_preview(lines, 'markdown', { max_width = 78, wrap_at = 78 })
    check('its window fits 80x24', vim.api.nvim_win_get_height(window) <= 22 and vim.api.nvim_win_get_width(window) <= 78,
      { vim.api.nvim_win_get_height(window), vim.api.nvim_win_get_width(window) })
    vim.api.nvim_win_close(window, true)
  end
  explained('IOMMU_WRITE, GFP', '**IOMMU_WRITE, bit 1: the device may write**')
  explained('iommu_map(', '**iommu_map(domain, iova, paddr, size, prot, gfp): maps all of a range or nothing**')
  explained('dma_mapping_error(dev, src', '**dma_mapping_error(dev, addr): the only valid test of a dma_addr_t**')
  explained('off, SZ_4K', '**off: 2 values known at line 57**')

  local actions = vim.lsp.buf_request_sync(buffer, 'textDocument/codeAction', {
    textDocument = document,
    range = { start = position, ['end'] = position },
    context = { diagnostics = {} },
  }, 5000)[id].result
  check('a quick fix is offered', actions ~= nil and actions[1].title:find('dma_mapping_error') ~= nil, actions)
  vim.lsp.util.apply_workspace_edit(actions[1].edit, 'utf-16')
  check('the fix clears the finding', wait_for(buffer, 'iommu-map-unmap-size dma-map-leak-error-path'), codes(buffer))

  vim.api.nvim_command('silent undo')
  check('undo brings it back', wait_for(buffer, all), codes(buffer))

  local line = finding.lnum
  vim.api.nvim_buf_set_lines(buffer, line, line + 1, true, { '\tif (dma_mapping_error(dev, dma))' })
  check('typing the fix clears it', wait_for(buffer, 'iommu-map-unmap-size dma-map-leak-error-path'), codes(buffer))

  -- A mailbox beside the driver: findings on the patch's own lines, with the place in the patched file.
  vim.cmd('edit ' .. vim.env.IOVET_PATCH)
  local mail = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(mail, id)
  check('findings stand in the patch', wait_for(mail, 'iommu-mmio-missing dma-map-null-check ?'), codes(mail))
  local found = vim.diagnostic.get(mail)
  table.sort(found, function(a, b) return a.lnum < b.lnum end)
  local line = vim.api.nvim_buf_get_lines(mail, found[2].lnum, found[2].lnum + 1, true)[1]
  check('on the code that is at fault', line:sub(found[2].col + 1, found[2].end_col) == '!req->dst_dma', found[2])
  local related = found[2].user_data.lsp.relatedInformation
  check('the place in the file follows', related[1].message:find('qcap_mem%.c:%d+ after the patch$') ~= nil, related)
  check('what was not looked at is named', found[3].message == 'not looked at: 1 Kconfig file', found[3])
  vim.api.nvim_buf_set_lines(mail, found[2].lnum, found[2].lnum + 1, true,
    { '+\tif (dma_mapping_error(dev, req->dst_dma)) {' })
  check('mending the patch clears it', wait_for(mail, 'iommu-mmio-missing ?'), codes(mail))

  vim.lsp.get_client_by_id(id).stop()
  check('the server ends', vim.wait(5000, function() return vim.lsp.get_client_by_id(id) == nil end, 20), 'still running')
end

local ok, err = pcall(run)
local version = vim.version()
io.stdout:write(string.format('Neovim %d.%d.%d: %d passed, %d failed, 0 skipped\n',
  version.major, version.minor, version.patch, passed, ok and 0 or 1))
if ok then
  vim.cmd('qall!')
else
  io.stderr:write('FAILED ' .. tostring(err) .. '\n')
  vim.cmd('cquit 1')
end
